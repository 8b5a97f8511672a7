import type { EventType } from '@hubbub/protocol';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { BaseRpcContext } from '@nestjs/microservices';

export interface EventInfo {
  /**
   * By which a repeat of the event is known, for ever: store it with what you do, and do it once. (An ephemeral message is told
   * at most once: its id is only of this telling.)
   */
  readonly id: string;
  readonly type: EventType;
  readonly subject: string;
  /** 1 when the handler sees it for the first time since this process has it. */
  readonly attempt: number;
  /** Whether a handler may have seen it before: in this process, or in one that ended. */
  readonly isRepeated: boolean;
  /** Place in the stream, of durable ones. */
  readonly streamSeq?: number;
}

/** What a handler may know of an event beside its data: its second argument, or `@Ctx()`. */
export class HubbubEventContext extends BaseRpcContext<[EventInfo]> implements EventInfo {
  /** What the handler threw last, before filters made something else of it. */
  failure: unknown;

  get id(): string {
    return this.args[0].id;
  }

  get type(): EventType {
    return this.args[0].type;
  }

  get subject(): string {
    return this.args[0].subject;
  }

  get attempt(): number {
    return this.args[0].attempt;
  }

  get isRepeated(): boolean {
    return this.args[0].isRepeated;
  }

  get streamSeq(): number | undefined {
    return this.args[0].streamSeq;
  }
}

/** The id of the event, as a parameter of its handler. */
export const EventId = createParamDecorator((_: undefined, host: ExecutionContext): string => {
  return host.switchToRpc().getContext<HubbubEventContext>().id;
});
