import { BrokerBus } from '../broker/broker-bus.js';
import type { NatsAccess } from './nats-access.js';
import { NatsLink } from './nats-link.js';

/** A bus over NATS. */
export class NatsBus extends BrokerBus {
  readonly nats: NatsAccess;

  /**
   * @param url as `nats://user:password@host:4222,host2:4222`
   * @throws Error if the URL is none
   */
  constructor(nodeId: string, url: string) {
    const link = new NatsLink(url, `hubbub ${nodeId}`);
    super(nodeId, link);
    this.nats = link;
  }
}
