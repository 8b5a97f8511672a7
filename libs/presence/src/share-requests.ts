import { Bus, NodeInfo, Nodes } from '@hubbub/bus';
import { type Subject, subjectKey, syncSubject } from '@hubbub/protocol';
import { Injectable } from '@nestjs/common';
import type { Register } from './member-list.js';
import type { MemberNews } from './presence-state.js';

/** Whoever joins waits so long for what other nodes know. */
const DEADLINE_MS = 250;
/** Rooms, and users, that one request asks about. */
const AT_ONCE = 50;

export interface Question {
  readonly rooms: readonly string[];
  readonly users: readonly string[];
}

/** What one node says. */
export interface Answer {
  readonly rooms: Readonly<Record<string, readonly MemberNews[]>>;
  /** States that hold in all rooms of these users. */
  readonly users: Readonly<Record<string, Register>>;
}

interface Gathered {
  readonly rooms: Set<string>;
  readonly users: Set<string>;
  readonly answer: Promise<Answer | null>;
}

/** Asks single nodes what they know of rooms and users; what is asked of one in the same turn goes together. */
@Injectable()
export class ShareRequests {
  private readonly gathering = new Map<string, Gathered>();

  constructor(
    private readonly bus: Bus,
    private readonly node: NodeInfo,
    private readonly nodes: Nodes,
  ) {}

  /** Answers the questions of other nodes. */
  async serve(answer: (question: Question) => Answer): Promise<void> {
    await this.bus.respond(subjectOf(this.node.nodeId), (payload) => {
      const question = JSON.parse(Buffer.from(payload).toString()) as Question;
      return this.fitting(answer(question));
    });
  }

  /** What a node says of a room; null if it does not answer. Never rejects. */
  async ofRoom(nodeId: string, roomId: string): Promise<readonly MemberNews[] | null> {
    const gathered = this.gather(nodeId);
    gathered.rooms.add(roomId);
    return (await gathered.answer)?.rooms[roomId] ?? null;
  }

  /** The latest state that other nodes know to hold in all rooms of a user; null if there is none. Never rejects. */
  async ofUser(userId: string): Promise<Register | null> {
    const others = this.nodes.alive().filter((nodeId) => nodeId !== this.node.nodeId);
    const states = await Promise.all(
      others.map(async (nodeId) => {
        const gathered = this.gather(nodeId);
        gathered.users.add(userId);
        return (await gathered.answer)?.users[userId] ?? null;
      }),
    );
    return states.reduce<Register | null>(
      (last, state) => (state && (!last || state.at > last.at) ? state : last),
      null,
    );
  }

  private gather(nodeId: string): Gathered {
    const known = this.gathering.get(nodeId);
    if (known && known.rooms.size < AT_ONCE && known.users.size < AT_ONCE) return known;
    const [rooms, users] = [new Set<string>(), new Set<string>()];
    const answer = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      if (this.gathering.get(nodeId) === gathered) this.gathering.delete(nodeId);
      return this.ask(nodeId, { rooms: [...rooms], users: [...users] });
    });
    const gathered: Gathered = { rooms, users, answer };
    this.gathering.set(nodeId, gathered);
    return gathered;
  }

  private async ask(nodeId: string, question: Question): Promise<Answer | null> {
    try {
      const payload = Buffer.from(JSON.stringify(question));
      const options = { deadlineMs: DEADLINE_MS, expected: [nodeId] };
      const { answers } = await this.bus.request(subjectOf(nodeId), payload, options);
      const [first] = answers;
      return first === undefined ? null : (JSON.parse(Buffer.from(first.payload).toString()) as Answer);
    } catch {
      // The bus is away or closed: as if the node had not answered.
      return null;
    }
  }

  /** More than the bus carries is not said: states are a courtesy. */
  private fitting(answer: Answer): Buffer {
    const whole = Buffer.from(JSON.stringify(answer));
    if (whole.length <= this.bus.maxPayloadBytes) return whole;
    const perRoom = Math.floor(this.bus.maxPayloadBytes / (1 + Object.keys(answer.rooms).length));
    const rooms = Object.fromEntries(
      Object.entries(answer.rooms).map(([roomId, news]) => [roomId, firstOf(news, perRoom - roomId.length - 10)]),
    );
    return Buffer.from(JSON.stringify({ rooms, users: {} }));
  }
}

/** As many as take no more bytes than that. */
function firstOf(news: readonly MemberNews[], bytes: number): readonly MemberNews[] {
  let left = bytes;
  return news.slice(0, news.findIndex((each) => (left -= Buffer.byteLength(JSON.stringify(each)) + 1) < 0) >>> 0);
}

function subjectOf(nodeId: string): Subject {
  return syncSubject(`presence.${subjectKey(nodeId)}`);
}
