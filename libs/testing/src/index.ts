export { Arrivals, type ArrivalsOptions, type Wanted } from './arrivals.js';
export { type FaultCounts, type Faults, FaultyBus } from './faulty-bus.js';
export type { ApplicationParts } from './gateway-module.js';
export { type Recorded, RoomRecord } from './room-record.js';
export { seededRandom } from './seeded-random.js';
export { Recording, recordRoom, type TalkOptions } from './talk.js';
export {
  CommandError,
  type ConnectOptions,
  type Ending,
  type Frame,
  type Posted,
  TestClient,
  UpgradeRefused,
} from './test-client.js';
export { startCluster, TestCluster, type TestClusterOptions } from './test-cluster.js';
export { type HttpAnswer, startGateway, TestGateway, type TestGatewayOptions } from './test-gateway.js';
export { signJwt, type TestUser } from './tokens.js';
export { VirtualClock, virtualClock } from './virtual-clock.js';
