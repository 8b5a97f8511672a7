import { commandSubject, type HubbubError, SERVICE_COMMANDS, type ServiceCommand } from '@hubbub/protocol';
import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import { COMMAND_TRANSPORT, CommandContext } from './command-context.js';
import { ServiceCallers } from './service-caller.js';
import { ServiceCommands } from './service-commands.js';

const NAMES = Object.keys(SERVICE_COMMANDS) as ServiceCommand[];
const BY_SUBJECT = new Map<string, ServiceCommand>(NAMES.map((name) => [commandSubject(name), name]));

/** All commands of services over NATS: what differs between them stands in tables. */
@Controller()
export class CommandsController {
  constructor(
    private readonly commands: ServiceCommands,
    private readonly callers: ServiceCallers,
  ) {}

  @MessagePattern([...BY_SUBJECT.keys()], COMMAND_TRANSPORT)
  async run(@Payload() payload: unknown, @Ctx() context: CommandContext): Promise<unknown> {
    const name = BY_SUBJECT.get(context.getSubject()) as ServiceCommand;
    const { authorization } = context;
    try {
      return await this.commands.run(name, {
        payload,
        identify: () => this.callers.identify(payload, authorization),
        rawMember: (key) => context.rawMember(key),
      });
    } catch (error) {
      throw new RpcException({ ...(error as HubbubError).toJSON() });
    }
  }
}
