import { rawMember } from '@hubbub/protocol';
import { NatsContext } from '@nestjs/microservices';

/** Marks the handlers of our own commands: another server of the same application is not to answer them too. */
export const COMMAND_TRANSPORT = Symbol('hubbub commands');

/** A request of a service, beside its payload. */
export class CommandContext extends NatsContext {
  /**
   * @param text the whole request as it came
   * @param path to the payload in it
   */
  constructor(
    subject: string,
    headers: unknown,
    private readonly text: string,
    private readonly path: readonly string[],
  ) {
    super([subject, headers] as ConstructorParameters<typeof NatsContext>[0]);
  }

  get authorization(): string | undefined {
    const headers = this.getHeaders() as { get(name: string): string } | undefined;
    return headers?.get('Authorization') || headers?.get('authorization') || undefined;
  }

  /** The exact text of a member of the payload. */
  rawMember(key: string): string | undefined {
    return rawMember(this.text, ...this.path, key);
  }
}
