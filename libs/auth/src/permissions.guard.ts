import { HubbubError, type Permission } from '@hubbub/protocol';
import {
  Acts,
  type Connection,
  type HttpReply,
  Identification,
  type Identity,
  PERMISSIONS_METADATA,
} from '@hubbub/transport';
import { type CanActivate, type ExecutionContext, Injectable, Optional, SetMetadata } from '@nestjs/common';
import { bearerOf, type HttpRequest } from './http-request.js';
import { missingPermission, RoomDemands } from './missing-permission.js';
import { isAboutRoom, roomOfCommand, roomOfRequest } from './room-of.js';

export const PermissionsMetadata = (permissions: readonly Permission[]) =>
  SetMetadata(PERMISSIONS_METADATA, permissions);

/**
 * Lets through who is identified and has every permission that the method and its class ask for, in the room that the
 * command or request names. On WebSockets it answers at once: commands run in the turn that brought them.
 */
@Injectable()
export class PermissionsGuard implements CanActivate {
  constructor(
    private readonly identification: Identification,
    @Optional() private readonly demands?: RoomDemands,
    @Optional() private readonly acts?: Acts,
  ) {}

  /** @throws HubbubError Unauthorized, Forbidden with `details.permission`; on HTTP also what a bad token is told */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    if (context.getType() !== 'ws') return this.canAsk(context);
    const { identity } = context.getArgByIndex<Connection>(0);
    if (identity === null) throw new HubbubError('Unauthorized');
    const needed = needsOf(context);
    this.demand(needed, identity, needed.aboutRoom ? roomOfCommand(context.getArgByIndex<unknown>(1)) : undefined);
    return true;
  }

  private async canAsk(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<HttpRequest>();
    try {
      request.identity ??= await this.identify(request);
    } catch (error) {
      http.getResponse<HttpReply>().header('WWW-Authenticate', 'Bearer');
      throw error;
    }
    try {
      this.demand(needsOf(context), request.identity, roomOfRequest(request));
    } catch (refusal) {
      // Interceptors, which take what is let through to `Acts`, are not asked any more.
      const act = this.acts?.ofRequest(context);
      if (act) await this.acts?.do(act, () => Promise.reject(refusal));
      throw refusal;
    }
    return true;
  }

  /** @throws HubbubError Forbidden */
  private demand({ permissions }: Needs, identity: Identity, roomId: string | undefined): void {
    const permission = missingPermission(permissions, identity.permissions, roomId, this.demands);
    if (permission !== null) throw new HubbubError('Forbidden', { details: { permission } });
  }

  private async identify(request: HttpRequest): Promise<Identity> {
    const identity = await this.identification.ofRequest(request, bearerOf(request) ?? null);
    if (identity === null) throw new HubbubError('Unauthorized');
    return identity;
  }
}

type Target = ReturnType<ExecutionContext['getHandler']> | ReturnType<ExecutionContext['getClass']>;

/** What a method asks for, its class included. */
interface Needs {
  readonly permissions: readonly Permission[];
  /** Of a gateway's method: whether it is about the room that its payload names. */
  readonly aboutRoom: boolean;
}

/** Metadata is slow to read, and this is asked for every command. */
const needs = new WeakMap<Target, WeakMap<Target, Needs>>();

function needsOf(context: ExecutionContext): Needs {
  const owner = context.getClass();
  const handler = context.getHandler();
  const known = needs.get(owner)?.get(handler);
  if (known !== undefined) return known;
  const read = (target: Target) => (Reflect.getMetadata(PERMISSIONS_METADATA, target) ?? []) as readonly Permission[];
  const found = { permissions: [...read(owner), ...read(handler)], aboutRoom: isAboutRoom(owner, handler.name) };
  const ofOwner = needs.get(owner) ?? new WeakMap<Target, Needs>();
  needs.set(owner, ofOwner.set(handler, found));
  return found;
}
