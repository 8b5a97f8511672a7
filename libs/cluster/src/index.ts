export { ClusterModule } from './cluster.module.js';
export { ClusterClock } from './cluster-clock.js';
export { ClusterContact } from './cluster-contact.js';
export { ClusterEvents } from './cluster-events.js';
export { CLUSTER_ENTITIES, CLUSTER_MIGRATIONS } from './cluster-storage.js';
export { NodeLease } from './node-lease.js';
export { NodeRegistry } from './node-registry.js';
export { OnlineDirectory } from './online-directory.js';
