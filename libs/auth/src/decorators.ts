import { HubbubError, type Permission } from '@hubbub/protocol';
import { type Connection, HttpActs, type Identity } from '@hubbub/transport';
import {
  applyDecorators,
  createParamDecorator,
  type ExecutionContext,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { ApiBearerAuth, ApiForbiddenResponse, ApiUnauthorizedResponse } from '@nestjs/swagger';
import type { HttpRequest } from './http-request.js';
import { PermissionsGuard, PermissionsMetadata } from './permissions.guard.js';

/** The gateway method, route or whole class is for callers that are identified. On HTTP: by a bearer token. */
export const Authenticated = () =>
  applyDecorators(
    UseGuards(PermissionsGuard),
    UseInterceptors(HttpActs),
    ApiBearerAuth(),
    ApiUnauthorizedResponse({ description: 'No valid token' }),
  );

/**
 * The gateway method, route or whole class is for callers that have all `permissions`. A grant narrowed to rooms counts
 * if the command or request names a matching room (room-of.ts says where).
 */
export const RequirePermissions = (...permissions: readonly Permission[]) =>
  applyDecorators(
    PermissionsMetadata(permissions),
    Authenticated(),
    ApiForbiddenResponse({ description: `Needs ${permissions.join(', ')}` }),
  );

/** The caller's Identity, in gateways and behind `@Authenticated` or `@RequirePermissions` in controllers. */
export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): Identity => {
  const identity =
    context.getType() === 'ws'
      ? context.getArgByIndex<Connection>(0).identity
      : context.switchToHttp().getRequest<HttpRequest>().identity;
  if (!identity) throw new HubbubError('Unauthorized');
  return identity;
});
