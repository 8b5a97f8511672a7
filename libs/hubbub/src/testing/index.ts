export { GatewayProcess, type GatewayProcessOptions } from './gateway-process.js';
export { takeForDead } from './take-for-dead.js';
