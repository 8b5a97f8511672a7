export { OnlineService } from './online.service.js';
export { PresenceGateway } from './presence.gateway.js';
export { PresenceModule } from './presence.module.js';
export { UserPresence } from './user-presence.service.js';
