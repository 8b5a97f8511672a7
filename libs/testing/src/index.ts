export { GatewayProcess, type GatewayProcessOptions } from './gateway-process.js';
export {
  CommandError,
  type ConnectOptions,
  type Ending,
  type Frame,
  TestClient,
  UpgradeRefused,
} from './test-client.js';
export { startCluster, TestCluster, type TestClusterOptions } from './test-cluster.js';
export { signJwt, startGateway, TestGateway, type TestGatewayOptions, type TestUser } from './test-gateway.js';
