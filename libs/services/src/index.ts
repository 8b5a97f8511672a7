export { CommandService } from './commands/command-service.js';
export { HttpCommandsController } from './commands/http-commands.controller.js';
export {
  type ServiceCall,
  ServiceCommands,
  type ServiceHandlers,
  type ServiceRequest,
} from './commands/service-commands.js';
export { Events } from './events/events.service.js';
export { Explanations } from './explain/explanations.service.js';
export { ServicesModule } from './services.module.js';
export { SERVICES_ENTITIES, SERVICES_MIGRATIONS } from './services-storage.js';
