export { OperatorController } from './operator.controller.js';
export { OperatorModule } from './operator.module.js';
