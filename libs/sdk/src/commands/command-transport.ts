export interface CommandRequest {
  readonly name: string;
  readonly data: unknown;
  readonly token?: string | undefined;
  readonly timeoutMs: number;
}

/** Carries commands to the gateways: one request, one answer. It tries nothing again. */
export abstract class CommandTransport {
  /**
   * Resolves with the data of the answer.
   * @throws HubbubError what the gateway answered; Timeout: the outcome is unknown; ServerError: nobody was there to ask
   */
  abstract request(command: CommandRequest): Promise<unknown>;
}
