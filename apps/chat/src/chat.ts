import { type CommandError, type HubbubClient, type LeaveReason, type OutboxEvent, type Room } from '@hubbub/client';
import { HELP, readLine } from './input.js';
import { printable } from './printable.js';
import * as render from './render.js';

/** What a chat is shown on. */
export interface Display {
  print(...lines: string[]): void;
}

/** How many direct messages are shown to one who was not here before. */
const OLD_DIRECT_MESSAGES = 20;

const LEFT: Readonly<Record<Exclude<LeaveReason, 'asked'>, string>> = {
  taken_out: 'you were taken out of the room',
  kicked: 'you were sent out of the room',
  banned: 'you were banned from the room',
  deleted: 'the room was deleted',
  refused: 'you may not come back to the room',
};

/** A person's conversation: what is typed goes out, what comes is shown. */
export class Chat {
  private room: Room | null = null;
  private readonly underWay = new Set<Promise<unknown>>();
  /** User ids by name in lower case, of those who were seen. */
  private readonly known = new Map<string, string>();
  private readonly begun = Date.now();

  constructor(
    private readonly client: HubbubClient,
    private readonly display: Display,
  ) {
    client.on('state', (change) => {
      const line = render.connection(change);
      if (line !== null) display.print(line);
    });
    client.on('direct_message', (message) => {
      this.meet(message.sender_id, message.sender_name);
      display.print(render.directMessage(message, this.me));
    });
    client.on('broadcast', ({ message }) => {
      display.print(`! ${printable(typeof message === 'string' ? message : JSON.stringify(message))}`);
    });
    client.on('lost', ({ room_id, missed }) => display.print(render.lost(missed, room_id ?? 'your inbox')));
    client.on('error', (error) => this.complain(error));
    client.on('outbox', (event) => this.followUp(event));
  }

  /** Messages that the gateway has not answered yet. */
  get unanswered(): number {
    return this.underWay.size;
  }

  /** Resolves once every message has been answered. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.underWay);
  }

  /** Shows the latest direct messages, to one who was not here before. */
  async showOldDirectMessages(): Promise<void> {
    // What came since the connection was made is shown as it comes.
    const head = this.client.session?.inbox_seq ?? 0;
    const { messages } = await this.client.command('inbox', { limit: OLD_DIRECT_MESSAGES });
    const old = messages.filter(({ seq }) => seq <= head);
    this.display.print(...old.map((message) => render.directMessage(message, this.me)));
  }

  /** Goes to a room, which is made if there is none, and out of the one before. */
  async enter(roomId: string): Promise<void> {
    if (this.room?.id === roomId && this.room.isJoined) return;
    const room = this.client.room(roomId);
    const stops = this.listen(room);
    try {
      await this.join(room);
    } catch (error) {
      for (const stop of stops) stop();
      throw error;
    }
    const before = this.room;
    this.room = room;
    if (before && before !== room) await before.leave();
  }

  /** Does what a line asks for. @returns false if that is to end */
  async handle(line: string): Promise<boolean> {
    const action = readLine(line);
    try {
      switch (action.do) {
        case 'say':
          this.say(action.text);
          break;
        case 'dm':
          this.direct(action.user, action.text);
          break;
        case 'join':
          await this.enter(action.room);
          break;
        case 'history':
          await this.showHistory(action.count);
          break;
        case 'who':
          await this.showMembers();
          break;
        case 'help':
          this.display.print(...HELP);
          break;
        case 'complain':
          this.display.print(`! ${printable(action.about)}`);
          break;
        case 'nothing':
          break;
        case 'quit':
          return false;
      }
    } catch (error) {
      this.complain(error);
    }
    return true;
  }

  private get me(): string {
    return this.client.session?.user_id ?? '';
  }

  private listen(room: Room): (() => void)[] {
    const { display } = this;
    const stops = [
      room.on('joined', ({ reply, resumed }) => {
        for (const { user_id, username } of reply.members) this.meet(user_id, username);
        if (!resumed) display.print(`* ${printable(room.id)}: ${reply.member_count} here`);
      }),
      room.on('room_message', (message) => {
        this.meet(message.sender_id, message.sender_name);
        display.print(render.roomMessage(message));
      }),
      room.on('presence', (push) => {
        for (const { user_id, username } of push.joined) this.meet(user_id, username);
        display.print(...render.presence(push, this.me));
      }),
      room.on('message_redacted', ({ seq }) => display.print(`* message ${seq} was removed`)),
      room.on('left', ({ reason, error }) => {
        for (const stop of stops) stop();
        if (reason === 'asked') return;
        this.room = null;
        display.print(`! ${LEFT[reason]}${error ? `: ${printable(error.message)}` : ''}`);
      }),
    ];
    return stops;
  }

  private async join(room: Room): Promise<void> {
    try {
      await room.join();
    } catch (error) {
      if ((error as CommandError).name !== 'RoomNotFound') throw error;
      await this.client.command('create_room', { room_id: room.id }).catch((failure: CommandError) => {
        // Somebody else was quicker.
        if (failure.name !== 'RoomAlreadyExists') throw failure;
      });
      await room.join();
    }
  }

  private say(text: string): void {
    if (this.room === null) this.display.print('! you are in no room: /join ROOM');
    else this.follow(text, this.room.send(text));
  }

  private direct(name: string, text: string): void {
    // Ids of local accounts are their names in lower case; others are known once they were seen.
    const target = this.known.get(name.toLowerCase()) ?? name.toLowerCase();
    const sent = this.client.sendDirect(target, text).then(({ delivered }) => {
      if (delivered === 0) this.display.print(`* ${printable(name)} is away; it is kept`);
    });
    this.follow(`${name}: ${text}`, sent);
  }

  private follow(text: string, sent: Promise<unknown>): void {
    const settled = sent.catch((error: unknown) => this.complain(error)).finally(() => this.underWay.delete(settled));
    this.underWay.add(settled);
    if (this.client.state !== 'open') this.display.print(`* kept until the connection is back: ${printable(text)}`);
  }

  /** What became of messages: of those of this run the caller is told, of those of earlier ones nobody else. */
  private followUp({ event, entry }: OutboxEvent): void {
    const { key, type, target, content, createdAt, error } = entry;
    if (createdAt < this.begun) {
      const text = printable(typeof content === 'string' ? content : JSON.stringify(content));
      const place = `${type === 'room_message' ? 'in' : 'to'} ${printable(target)}`;
      if (event === 'kept') this.display.print(`* not sent the last time, ${place}: ${text}`);
      if (event === 'failed') this.display.print(`! not sent ${place}: ${text}: ${printable(error?.message ?? '')}`);
    }
    // Said; whoever wants it sent writes it again.
    if (event === 'failed') this.client.outbox.discard(key);
  }

  private async showHistory(limit: number): Promise<void> {
    if (this.room === null) {
      this.display.print('! you are in no room: /join ROOM');
      return;
    }
    const { messages } = await this.room.history({ limit });
    this.display.print(`* the last ${messages.length}:`, ...messages.map(render.roomMessage), '* until here');
  }

  private async showMembers(): Promise<void> {
    if (this.room === null) {
      this.display.print('! you are in no room: /join ROOM');
      return;
    }
    const { members, member_count } = await this.client.command('room_members', { room_id: this.room.id, limit: 200 });
    this.display.print(render.memberList(members, member_count - members.length));
  }

  private meet(userId: string, name: string): void {
    this.known.set(name.toLowerCase(), userId);
  }

  private complain(error: unknown): void {
    const { name, message } = error as Error;
    // Everything that is open fails with the end of the client, which is told once.
    if (name !== 'Closed') this.display.print(`! ${printable(message)}`);
  }
}
