export { OnlineService } from './online.service.js';
export { PresenceModule } from './presence.module.js';
