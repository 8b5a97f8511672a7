import { HubbubConfig } from '@hubbub/config';
import type { PermissionSet } from '@hubbub/protocol';
import { type ExecutionContext, Injectable } from '@nestjs/common';
import { httpAct } from './http-act.js';

/** Something that a caller would do, by whichever way it came. */
export interface Act {
  /** Type of the command; of an HTTP route its method and path, as in `DELETE api/rooms/:id`. */
  readonly action: string;
  /** Permissions that are declared for it. */
  readonly permissions: readonly string[];
  readonly caller: { readonly userId: string; readonly username: string; readonly permissions: PermissionSet };
  /** Where he is; undefined for services that ask over the bus. */
  readonly address: string | undefined;
  /** What he says: fields of the command; of a request those of its body and of its path. Not validated yet. */
  readonly data: unknown;
}

/** Stands beside what callers do; libs/operator keeps the audit log so. */
export interface Witness {
  /** Whether acts of this name may concern it. Asked once where that can be, so that no other act pays for it. */
  watches(action: string, permissions: readonly string[]): boolean;
  /**
   * Does `work`, and keeps what concerns it.
   * @throws what `work` throws; HubbubError ServerError where it cannot be kept, and then nothing was done
   */
  around(act: Act, work: () => unknown): unknown;
}

/** The one place through which all acts go that somebody stands beside: of commands, of HTTP requests and of services. */
@Injectable()
export class Acts {
  private witness: Witness | null = null;
  /** Requests that are in it: where a class and its method both ask for the interceptor, once is enough. */
  private readonly requests = new WeakSet<object>();

  constructor(private readonly config: HubbubConfig) {}

  /** To be called by whoever stands beside, while the application is made. */
  witnessedBy(witness: Witness): void {
    this.witness = witness;
  }

  watches(action: string, permissions: readonly string[]): boolean {
    return this.witness?.watches(action, permissions) ?? false;
  }

  /** Does `work`; with a witness, if it watches that. */
  do(act: Act, work: () => unknown): unknown {
    return this.witness?.watches(act.action, act.permissions) ? this.witness.around(act, work) : work();
  }

  /** What an HTTP request would do, where the witness watches that: once for each request. */
  ofRequest(context: ExecutionContext): Act | null {
    const request = context.switchToHttp().getRequest<object>();
    if (this.witness === null || this.requests.has(request)) return null;
    const act = httpAct(context, this.config.server.trustProxy, (action, needed) => this.watches(action, needed));
    if (act !== null) this.requests.add(request);
    return act;
  }
}
