export { OperatorController } from './operator.controller.js';
export { OperatorModule } from './operator.module.js';
export { NodeSeries } from './series/node-series.service.js';
export { ViewsController } from './views.controller.js';
