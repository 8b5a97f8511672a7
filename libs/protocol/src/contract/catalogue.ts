import type { TSchema } from 'typebox';
import { CLOSE, type CloseName } from '../close-codes.js';
import { COMMANDS, type CommandSpec } from '../commands.js';
import { ERRORS, type ErrorName } from '../errors.js';
import { EVENTS, type EventSpec, type EventType } from '../events.js';
import { PUSHES, type PushType } from '../pushes.js';
import { SERVICE_COMMANDS, type ServiceCommandSpec } from '../service-commands.js';
import type { EventScope } from '../subjects.js';
import type { JsonSchema } from './schema.js';
import { selfContained } from './self-contained.js';
import { CONNECTION_COMMANDS } from './texts/connection-commands.js';
import { EVENT_TEXTS } from './texts/events.js';
import { MESSAGE_COMMANDS } from './texts/message-commands.js';
import { CLOSE_TEXTS, ERROR_TEXTS, PERMISSION_TEXTS } from './texts/outcomes.js';
import { PUSH_TEXTS } from './texts/pushes.js';
import { ROOM_COMMANDS } from './texts/room-commands.js';
import { SERVICE_TEXTS } from './texts/service-commands.js';
import { COMMON_ERRORS, type CommandText, type MessageText } from './texts/text.js';

/** A command as the gateway serves it: what its table of handlers knows. */
export interface SpokenCommand {
  readonly type: string;
  readonly replyType: string;
  readonly contract: {
    readonly schema: JsonSchema | null;
    readonly reply: JsonSchema | null;
    readonly streams: boolean;
    readonly permissions: readonly string[];
    readonly summary?: string;
    readonly replyDescription?: string;
  };
}

/** One command with all that documents say of it. */
export interface CommandEntry extends Partial<CommandText> {
  readonly type: string;
  /** False for a handler that an application has added. */
  readonly isBuiltIn: boolean;
  readonly data: JsonSchema;
  readonly permissions: readonly string[];
  /** Null where there is no reply. */
  readonly replyType: string | null;
  readonly replyData: JsonSchema;
  readonly replyNotes?: string;
  readonly streams: boolean;
  /** All errors it may be answered. */
  readonly errors: readonly ErrorName[];
}

export interface PushEntry extends MessageText {
  readonly type: PushType;
  readonly data: JsonSchema;
}

export interface EventEntry extends MessageText {
  readonly type: EventType;
  readonly scope: EventScope;
  readonly stored: boolean;
  readonly data: JsonSchema;
}

/** All that a gateway speaks, with its texts: what every document is made of. */
export interface Catalogue {
  readonly commands: readonly CommandEntry[];
  readonly pushes: readonly PushEntry[];
  readonly events: readonly EventEntry[];
  readonly serviceCommands: readonly CommandEntry[];
  readonly errors: readonly { readonly name: ErrorName; readonly when: string }[];
  readonly closes: readonly { readonly name: CloseName; readonly when: string }[];
  readonly permissions: readonly { readonly name: string; readonly lets: string }[];
}

export const COMMAND_TEXTS: Readonly<Record<keyof typeof COMMANDS, CommandText>> = {
  ...CONNECTION_COMMANDS,
  ...ROOM_COMMANDS,
  ...MESSAGE_COMMANDS,
};

const ANYTHING: JsonSchema = {};
const names = <T extends object>(table: T) => Object.keys(table) as (keyof T & string)[];

/** The commands that Hubbub itself brings, as its gateways serve them. */
export function builtInCommands(): SpokenCommand[] {
  return names(COMMANDS).map((type) => {
    const { data, permission, reply, replyData, streams = false }: CommandSpec = COMMANDS[type];
    const permissions = permission === null ? [] : [permission];
    return { type, replyType: reply ?? '', contract: { schema: data, reply: replyData, streams, permissions } };
  });
}

/** @param commands of the gateway's table; what it does not serve is in no document */
export function catalogueOf(commands: Iterable<SpokenCommand> = builtInCommands()): Catalogue {
  const served = new Map(Array.from(commands, (command) => [command.type, command]));
  const own = [...served.values()].filter(({ type }) => !isBuiltIn(type));
  return {
    commands: [
      // In the order of the table: the same document whatever the order of modules.
      ...names(COMMANDS).flatMap((type) => builtIn(type, served.get(type))),
      ...own.map(custom).sort((a, b) => (a.type < b.type ? -1 : 1)),
    ],
    pushes: names(PUSHES).map((type) => ({ ...PUSH_TEXTS[type], type, data: PUSHES[type] as TSchema })),
    events: names(EVENTS).map((type) => ({ ...EVENT_TEXTS[type], type, ...(EVENTS[type] as EventSpec) })),
    serviceCommands: names(SERVICE_COMMANDS).map(ofServices),
    errors: names(ERRORS).map((name) => ({ name, when: ERROR_TEXTS[name] })),
    closes: names(CLOSE).map((name) => ({ name, when: CLOSE_TEXTS[name] })),
    permissions: names(PERMISSION_TEXTS).map((name) => ({ name, lets: PERMISSION_TEXTS[name] })),
  };
}

function isBuiltIn(type: string): type is keyof typeof COMMANDS {
  return Object.hasOwn(COMMANDS, type);
}

/** A command of the table as it is served; one that an application has replaced is told of as its own. */
function builtIn(type: keyof typeof COMMANDS, served: SpokenCommand | undefined): CommandEntry[] {
  if (served === undefined) return [];
  const spec: CommandSpec = COMMANDS[type];
  const { schema, reply, permissions, streams } = served.contract;
  const isReplaced =
    streams !== (spec.streams ?? false) ||
    (schema ?? spec.data) !== spec.data ||
    (reply ?? spec.replyData) !== spec.replyData;
  if (isReplaced) return [custom(served)];
  const text = COMMAND_TEXTS[type];
  return [
    {
      ...text,
      type,
      isBuiltIn: true,
      data: spec.data,
      permissions,
      replyType: spec.reply,
      replyData: spec.replyData,
      streams,
      errors: [...COMMON_ERRORS, ...(text.errors ?? [])],
    },
  ];
}

function custom({ type, replyType, contract }: SpokenCommand): CommandEntry {
  const { schema, reply, streams, permissions, summary, replyDescription } = contract;
  return {
    type,
    isBuiltIn: false,
    ...(summary === undefined ? {} : { summary }),
    data: selfContained(schema ?? ANYTHING),
    permissions,
    replyType: streams ? 'done' : replyType,
    replyData: selfContained(reply ?? ANYTHING),
    ...(replyDescription === undefined ? {} : { replyNotes: replyDescription }),
    streams,
    errors: [...COMMON_ERRORS, 'Unauthorized', ...(permissions.length > 0 ? (['Forbidden'] as const) : [])],
  };
}

function ofServices(type: keyof typeof SERVICE_COMMANDS): CommandEntry {
  const { data, permission, replyData }: ServiceCommandSpec = SERVICE_COMMANDS[type];
  const text: CommandText | undefined = SERVICE_TEXTS[type] ?? (isBuiltIn(type) ? COMMAND_TEXTS[type] : undefined);
  const errors = (text?.errors ?? []).filter((name) => name !== 'Unauthorized' && name !== 'Forbidden');
  return {
    ...text,
    type,
    isBuiltIn: true,
    data,
    permissions: permission === null ? [] : [permission],
    replyType: null,
    replyData,
    streams: false,
    errors: [...COMMON_ERRORS, 'Unauthorized', 'Forbidden', 'TokenExpired', 'InvalidToken', ...errors],
  };
}
