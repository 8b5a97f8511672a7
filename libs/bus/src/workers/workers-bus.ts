import { BrokerBus } from '../broker/broker-bus.js';
import { type Channel, type Pipe, pipeChannel } from './channel.js';
import { WorkersLink } from './workers-link.js';

/** A bus between the workers of one primary, by its `WorkersBroker`. */
export class WorkersBus extends BrokerBus {
  /**
   * @param channel by default this process's pipe to the primary
   * @throws Error in a process that was not forked
   */
  constructor(nodeId: string, channel: Channel = ownChannel()) {
    super(nodeId, new WorkersLink(channel));
  }

  /** Nobody but workers can hear it, and all of them are one application: what this one does not subscribe to, none does. */
  override hears(head: string): boolean {
    return this.subscribers.hears(head);
  }
}

function ownChannel(): Channel {
  if (process.send === undefined) throw new Error('a bus between workers needs a primary');
  return pipeChannel(process as unknown as Pipe);
}
