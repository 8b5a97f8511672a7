export { AuditController } from './audit/audit.controller.js';
export { OperatorController } from './operator.controller.js';
export { OperatorModule } from './operator.module.js';
export { OPERATOR_ENTITIES, OPERATOR_MIGRATIONS } from './operator-storage.js';
export { TapGateway } from './tap/tap.gateway.js';
export { ViewsController } from './views.controller.js';
