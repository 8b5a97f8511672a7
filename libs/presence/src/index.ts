export { OnlineService } from './online.service.js';
export { PresenceModule } from './presence.module.js';
export { UserPresence } from './user-presence.service.js';
