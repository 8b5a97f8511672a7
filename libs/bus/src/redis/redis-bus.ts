import { BrokerBus } from '../broker/broker-bus.js';
import { RedisLink } from './redis-link.js';

/** A bus over the publish and subscribe of Redis. */
export class RedisBus extends BrokerBus {
  /** @param url as `redis://user:password@host:6379`, or `rediss://` for TLS */
  constructor(nodeId: string, url: string) {
    super(nodeId, new RedisLink(url, `hubbub-${nodeId}`));
  }
}
