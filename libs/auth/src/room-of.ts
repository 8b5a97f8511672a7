import { takesField } from '@hubbub/transport';
import type { Type } from '@nestjs/common';
import type { HttpRequest } from './http-request.js';

/** Reads `key` of something that came from outside, if it is a string. */
function text(value: unknown, key: string): string | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  const member = (value as Record<string, unknown>)[key];
  return typeof member === 'string' ? member : undefined;
}

/** The room that a command names, for grants narrowed to rooms; looked at before validation. */
export function roomOfCommand(data: unknown): string | undefined {
  return text(data, 'room_id');
}

/**
 * Whether a gateway's method is about a room: its payload is declared to have `room_id`. Where it is not, a `room_id` that a
 * client adds is ignored like any unknown field, and must not make a grant count that is narrowed to that room.
 */
export function isAboutRoom(owner: Type, method: string): boolean {
  return takesField(owner, method, 'room_id');
}

/**
 * The room that an HTTP request names: the parameter of `…/rooms/:id…`, the `id` in the body of `POST …/rooms`, else a
 * parameter or body field `room_id`. Exactly one place counts for a route, so that a request cannot name one room to the
 * guard and another to the handler; and `:id` of other routes (users, tokens) is no room.
 */
export function roomOfRequest(request: HttpRequest): string | undefined {
  const route = request.routeOptions?.url ?? request.route?.path ?? '';
  if (/\/rooms\/:id(\/|$)/.test(route)) return text(request.params, 'id');
  if (route.endsWith('/rooms')) return text(request.body, 'id');
  return text(request.params, 'room_id') ?? text(request.body, 'room_id');
}
