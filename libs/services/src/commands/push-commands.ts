import { Control } from '@hubbub/bus';
import { HubbubConfig } from '@hubbub/config';
import { HubbubError } from '@hubbub/protocol';
import { type Connection, Connections, Push } from '@hubbub/transport';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { exactText } from './exact-text.js';
import { type ServiceCall, ServiceCommands } from './service-commands.js';

const CONTROL = 'services.push';

/** To whom a push goes: all connections of a user, or one. */
type Target = { readonly userId: string } | { readonly connectionId: string };

/** A push of an application's own, as it goes from node to node. */
interface OwnPush {
  readonly to: Target;
  readonly type: string;
  readonly dataJson: string;
}

/** Pushes of services to users and connections, at whichever node: at most once, as nothing keeps them. */
@Injectable()
export class PushCommands implements OnModuleInit {
  constructor(
    private readonly commands: ServiceCommands,
    private readonly control: Control,
    private readonly connections: Connections,
    private readonly config: HubbubConfig,
  ) {}

  onModuleInit(): void {
    this.control.handle(CONTROL, (push: OwnPush) => this.deliver(push));
    this.commands.handle({
      send_to_user: ({ user_id: userId, ...push }, call) => this.send({ userId }, push, call),
      send_to_client: async ({ connection_id: connectionId, ...push }, call) => {
        const sent = await this.send({ connectionId }, push, call);
        if (sent.delivered === 0 && sent.unconfirmed.length === 0) throw new HubbubError('ClientNotFound');
        return sent;
      },
    });
  }

  private async send(to: Target, { type, data = {} }: { type: string; data?: unknown }, call: ServiceCall) {
    const push: OwnPush = { to, type, dataJson: exactText('data', data, call, this.config.limits) };
    const { results, nodes, unconfirmed } = await this.control.call<number>(CONTROL, push);
    return { delivered: results.reduce((sum, count) => sum + count, 0), nodes, unconfirmed };
  }

  /** @returns how many connections of this node it was handed to */
  private deliver({ to, type, dataJson }: OwnPush): number {
    const push = new Push(type, dataJson);
    const targets = this.targets(to).filter(({ hasEnded }) => !hasEnded);
    for (const connection of targets) connection.send(push);
    return targets.length;
  }

  private targets(to: Target): Connection[] {
    if ('userId' in to) return [...this.connections.ofUser(to.userId)];
    const connection = this.connections.get(to.connectionId);
    return connection === undefined ? [] : [connection];
  }
}
