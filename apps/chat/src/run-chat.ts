import { randomBytes } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import { HubbubClient } from '@hubbub/client';
import { fileOutbox } from '@hubbub/client/file';
import { WebSocket } from 'ws';
import { Account } from './account.js';
import type { ChatOptions } from './arguments.js';
import { Chat } from './chat.js';
import { Memory } from './memory.js';
import { printable } from './printable.js';
import { Screen } from './screen.js';

/** Where a chat runs. */
export interface Surroundings {
  readonly input: Readable;
  readonly output: Writable;
  /** Whether a person sits at it. */
  readonly isTerminal: boolean;
  /** Where passwords that were made, places in inboxes, and messages that were not answered are kept. */
  readonly folder: string;
  /** Aborted when it is to end. */
  readonly signal: AbortSignal;
}

/** Longest delay between attempts to connect, in ms. */
const MAX_DELAY_MS = 5000;

/** How long a person who leaves waits for what is under way, in ms. */
const PATIENCE_MS = 2000;

/** Talks until the input ends, `/quit`, the signal or the gateway's last word. @returns the exit code */
export async function runChat(options: ChatOptions, { folder, signal, ...io }: Surroundings): Promise<number> {
  const origins = options.nodes.map(({ origin }) => origin);
  const memory = new Memory(folder, origins[0] as string, options.user);
  const remembered = memory.read();
  const password = options.password ?? remembered.password ?? randomBytes(18).toString('base64url');
  const screen = new Screen(io.input, io.output, io.isTerminal);
  const account = new Account(origins, options.user, password, () => {
    if (options.password === undefined) memory.write({ password });
    const kept = options.password === undefined ? `, with a password that is kept in ${memory.path}` : '';
    screen.print(`* registered ${options.user}${kept}`);
  });
  const client = new HubbubClient({
    url: options.nodes.map(({ socketUrl }) => socketUrl),
    token: (reason) => account.token(reason),
    WebSocket,
    // Somebody sits there and waits.
    backoff: { maxMs: MAX_DELAY_MS },
    inbox: remembered.inbox,
    outbox: fileOutbox(memory.outboxPath),
  });
  const chat = new Chat(client, screen);
  const ended = new Promise<number>((resolve) => {
    client.on('state', ({ state, error }) => {
      if (state !== 'closed') return;
      if (error) screen.print(`! ${printable(error.message)}`);
      resolve(error ? 1 : 0);
    });
  });
  const leave = () => client.close();
  signal.addEventListener('abort', leave);
  screen.onInterrupt(leave);

  const isNew = remembered.inbox === undefined;
  const conversation = converse(client, chat, screen, options.room, isNew).catch((error: Error) => {
    if (error.name === 'Closed') return ended;
    screen.print(`! ${printable(error.message)}`);
    return 1;
  });
  const code = await Promise.race([conversation, ended]);
  signal.removeEventListener('abort', leave);
  if (client.inboxPosition) memory.write({ inbox: client.inboxPosition });
  client.close();
  await client.outbox.written();
  screen.close();
  await account.signOut();
  return code;
}

/** From the first connection to the end of the input. */
async function converse(
  client: HubbubClient,
  chat: Chat,
  screen: Screen,
  room: string,
  isNew: boolean,
): Promise<number> {
  await client.connect();
  if (isNew) await chat.showOldDirectMessages();
  await chat.enter(room);
  for await (const line of screen.lines()) {
    screen.eraseTyped(line);
    if (!(await chat.handle(line))) break;
  }
  // Over a pipe nobody waits, and what was written is to arrive.
  const patience = new Promise<void>((resolve) => {
    if (screen.isTerminal) setTimeout(resolve, PATIENCE_MS).unref();
  });
  await Promise.race([chat.settled(), patience]);
  if (chat.unanswered > 0)
    screen.print(`! left before ${chat.unanswered} of your messages were answered: they go out when you are back`);
  return 0;
}
