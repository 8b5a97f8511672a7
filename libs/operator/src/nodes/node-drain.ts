import { setTimeout as sleep } from 'node:timers/promises';
import { Control, NodeInfo, Nodes } from '@hubbub/bus';
import { HubbubError } from '@hubbub/protocol';
import { Drain } from '@hubbub/transport';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';

const CONTROL = 'operator.drain';
/** For the answer to reach who asked. */
const PAUSE_MS = 100;

/** Has a node go as by SIGTERM. Whether it comes back is up to who runs its process: a worker does. */
@Injectable()
export class NodeDrain implements OnModuleInit {
  private readonly logger = new Logger('Drain');
  private isLeaving = false;

  constructor(
    private readonly control: Control,
    private readonly node: NodeInfo,
    private readonly nodes: Nodes,
    private readonly drain: Drain,
  ) {}

  onModuleInit(): void {
    this.control.handle(CONTROL, ({ nodeId }: { nodeId: string }) => {
      if (nodeId !== this.node.nodeId) return false;
      void this.leave();
      return true;
    });
  }

  /**
   * Resolves once the node has said that it goes.
   * @throws HubbubError ClientNotFound for a node that is not among the living; ServerError if it does not answer
   */
  async start(nodeId: string) {
    if (!this.nodes.has(nodeId)) throw new HubbubError('ClientNotFound', { message: 'There is no such node.' });
    const { results } = await this.control.call<boolean>(CONTROL, { nodeId });
    if (results.includes(true)) return { node_id: nodeId, status: 'draining' as const };
    throw new HubbubError('ServerError', { message: 'The node does not answer.', details: { unconfirmed: [nodeId] } });
  }

  private async leave(): Promise<void> {
    // A second signal would not let it drain, but end it at once.
    if (this.isLeaving || this.drain.state !== 'serving') return;
    this.isLeaving = true;
    this.logger.log({ msg: 'asked to drain by an operator' });
    await sleep(PAUSE_MS);
    // Whoever looks after the process knows best how it ends: `closeOnSignals`, Nest's hooks or the application's own.
    if (process.emit('SIGTERM', 'SIGTERM')) return;
    await this.drain.start();
    process.kill(process.pid, 'SIGTERM');
  }
}
