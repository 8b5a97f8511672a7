export {
  CommandError,
  type ConnectOptions,
  type Ending,
  type Frame,
  TestClient,
  UpgradeRefused,
} from './test-client.js';
export { signJwt, startGateway, TestGateway, type TestGatewayOptions, type TestUser } from './test-gateway.js';
