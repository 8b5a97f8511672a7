import { USERNAME_PATTERN, UserId } from '@hubbub/protocol';
import type { ApiBodyOptions, ApiResponseOptions } from '@nestjs/swagger';
import Type, { type TSchema } from 'typebox';

/** Bodies of the HTTP routes of accounts: type, validation and OpenAPI in one. */

export const Registration = Type.Object({
  username: Type.String({ pattern: USERNAME_PATTERN, description: 'Unique without regard to case.' }),
  password: Type.String({ minLength: 8, maxLength: 128 }),
});

/** Wider than a registration: what cannot be right is answered like anything wrong, after the same time. */
export const Credentials = Type.Object({
  username: Type.String({ maxLength: 128 }),
  password: Type.String({ maxLength: 128 }),
});

export const RefreshRequest = Type.Object({ refresh_token: Type.String({ minLength: 1, maxLength: 256 }) });

export const SignedInBody = Type.Object({
  user_id: UserId,
  username: Type.String(),
  access_token: Type.String({ description: 'Bearer token.' }),
  refresh_token: Type.String({ description: 'Good for one refresh.' }),
  expires_in: Type.Integer({ description: 'Life of the access token, in seconds.' }),
});

export const LoggedOut = Type.Object({ status: Type.Literal('logged out') });

export const Disconnected = Type.Object({
  closed: Type.Integer({ description: 'Connections closed, cluster-wide.' }),
  nodes: Type.Integer({ description: 'Nodes that confirmed.' }),
  unconfirmed: Type.Array(Type.String(), { description: 'Nodes that did not confirm in time.' }),
});

/** Key of a revoked token or id of a user in a path. */
export const TokenId = Type.String({ minLength: 1, maxLength: 256 });

/** TypeBox schemas are JSON Schema, which is what OpenAPI takes. */
export function bodyOf(schema: TSchema): ApiBodyOptions {
  return { schema: schema as NonNullable<Extract<ApiBodyOptions, { schema: unknown }>['schema']> };
}

export function responseOf(schema: TSchema, description: string): ApiResponseOptions {
  return { description, ...bodyOf(schema) };
}
