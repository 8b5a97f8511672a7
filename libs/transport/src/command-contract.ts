import 'reflect-metadata';
import { COMMANDS } from '@hubbub/protocol';
import type { PipeTransform, Type } from '@nestjs/common';
import { CUSTOM_ROUTE_ARGS_METADATA, ROUTE_ARGS_METADATA, RouteParamtypes } from '@nestjs/common/internal';
import type { TObject, TSchema } from 'typebox';
import {
  FIELD_METADATA,
  type FieldMetadata,
  PERMISSIONS_METADATA,
  REPLIES_METADATA,
  type RepliesMetadata,
  SUMMARY_METADATA,
} from './decorators.js';
import { dtoProperties, dtoSchema, isDto } from './dto.js';
import { DtoPipe } from './dto.pipe.js';
import { SchemaPipe } from './schema.pipe.js';

/** What a client has to know of a command, read from the decorators of its handler. */
export interface CommandContract {
  /** JSON Schema of `data`; null where the handler does not say. */
  readonly schema: TSchema | null;
  /** JSON Schema of the `data` of the reply, or of each item; null where the handler does not say. */
  readonly reply: TSchema | null;
  /** Answered by `<type>_item` frames and `done`. */
  readonly streams: boolean;
  /** What the caller needs, all of it. */
  readonly permissions: readonly string[];
  /** What the command does. */
  readonly summary?: string;
  /** What the reply is. */
  readonly replyDescription?: string;
}

/** What a handler takes as its payload, or as the field `key` of it; `type` is null where it does not say. */
interface Payload {
  readonly type: TSchema | Type | null;
  readonly key: string | undefined;
}

interface Parameter {
  readonly index: number;
  readonly data?: unknown;
  readonly pipes?: (PipeTransform | Type<PipeTransform>)[];
  readonly factory?: object;
}
type Parameters = Record<string, Parameter>;

/** @param owner class of the gateway */
export function contractOf(owner: Type, method: string, type: string): CommandContract {
  const handler = (owner.prototype as Record<string, object>)[method] as object;
  const replies = Reflect.getMetadata(REPLIES_METADATA, handler) as RepliesMetadata | undefined;
  const builtIn = Object.hasOwn(COMMANDS, type) ? COMMANDS[type as keyof typeof COMMANDS].replyData : null;
  const permissions = [owner, handler].flatMap(
    (target) => (Reflect.getMetadata(PERMISSIONS_METADATA, target) ?? []) as string[],
  );
  const summary = Reflect.getMetadata(SUMMARY_METADATA, handler) as string | undefined;
  return {
    schema: payloadSchema(owner, method),
    reply: replies === undefined ? builtIn : schemaOf(replies.schema),
    streams: replies?.stream ?? false,
    permissions: [...new Set(permissions)],
    ...(summary === undefined ? {} : { summary }),
    ...(replies?.description === undefined ? {} : { replyDescription: replies.description }),
  };
}

/** Whether the payload of a handler is declared to have a field. */
export function takesField(owner: Type, method: string, field: string): boolean {
  return payloadsOf(owner, method).some(
    ({ type, key }) => key === field || (key === undefined && hasField(type, field)),
  );
}

function payloadSchema(owner: Type, method: string): TSchema | null {
  const payloads = payloadsOf(owner, method);
  const whole = payloads.find(({ type, key }) => key === undefined && type !== null);
  const base = whole?.type ? schemaOf(whole.type) : null;
  const fields = payloads.filter(({ key }) => key !== undefined && !(whole && hasField(whole.type, key)));
  if (fields.length === 0) return base;
  const { properties, required, ...rest } = (base ?? { type: 'object' }) as TSchema & Partial<TObject>;
  const own = Object.fromEntries(fields.map(({ type, key }) => [key, type === null ? {} : schemaOf(type)]));
  return { ...rest, properties: { ...properties, ...own }, required: [...(required ?? []), ...Object.keys(own)] };
}

/** The parameters of a handler that are of the payload. What they are is known by their pipe, or by their class. */
function payloadsOf(owner: Type, method: string): Payload[] {
  const parameters = (Reflect.getMetadata(ROUTE_ARGS_METADATA, owner, method) ?? {}) as Parameters;
  const types = (Reflect.getMetadata('design:paramtypes', owner.prototype as object, method) ?? []) as unknown[];
  return Object.entries(parameters).flatMap(([name, { index, data, pipes, factory }]) => {
    const field = factory && (Reflect.getMetadata(FIELD_METADATA, factory) as FieldMetadata | undefined);
    if (field !== undefined) return [{ type: field.schema, key: field.name }];
    if (name.includes(CUSTOM_ROUTE_ARGS_METADATA) || !name.startsWith(`${RouteParamtypes.BODY}:`)) return [];
    const key = typeof data === 'string' && data !== '' ? data : undefined;
    const type = typeByPipe(pipes ?? []) ?? typeByClass(types[index]);
    // It would let everything through.
    if (type === null && pipes?.some((pipe) => pipe === DtoPipe || pipe instanceof DtoPipe)) {
      throw new Error(
        `${owner.name}.${method}: DtoPipe finds no class with rules of class-validator: name it, new DtoPipe(X)`,
      );
    }
    return [{ type, key }];
  });
}

function typeByPipe(pipes: readonly (PipeTransform | Type<PipeTransform>)[]): TSchema | Type | null {
  for (const pipe of pipes) {
    if (pipe instanceof SchemaPipe) return pipe.schema as TSchema;
    if (pipe instanceof DtoPipe && pipe.dto !== undefined) return pipe.dto;
  }
  return null;
}

function typeByClass(type: unknown): Type | null {
  return isDto(type) ? type : null;
}

function schemaOf(type: TSchema | Type): TSchema {
  return isClass(type) ? dtoSchema(type) : type;
}

function hasField(type: TSchema | Type | null, field: string): boolean {
  if (type === null) return false;
  if (isClass(type)) return dtoProperties(type).includes(field);
  return 'properties' in type && Object.hasOwn(type.properties as object, field);
}

function isClass(type: TSchema | Type): type is Type {
  return typeof type === 'function';
}
