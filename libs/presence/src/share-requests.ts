import { Bus, NodeInfo, Nodes } from '@hubbub/bus';
import { type Subject, subjectKey, syncSubject } from '@hubbub/protocol';
import { Injectable } from '@nestjs/common';
import { newest, type Register } from './member-list.js';
import type { MemberNews } from './presence-state.js';

/** Whoever joins waits so long for what other nodes know. */
const DEADLINE_MS = 250;
/** Rooms, and users, that one request asks about. */
const AT_ONCE = 50;

export interface Question {
  readonly from: string;
  readonly rooms: readonly string[];
  readonly users: readonly string[];
  /** What whoever asks has to say itself. */
  readonly told?: NodeNews;
}

/** What one node says. */
export interface NodeNews {
  readonly rooms: readonly (readonly [roomId: string, news: readonly MemberNews[]])[];
  /** States that hold in all rooms of these users. */
  readonly users: readonly (readonly [userId: string, state: Register])[];
}

interface Gathered {
  readonly rooms: Set<string>;
  readonly users: Set<string>;
  readonly answer: Promise<Answer | null>;
}

interface Answer {
  readonly rooms: ReadonlyMap<string, readonly MemberNews[]>;
  readonly users: ReadonlyMap<string, Register>;
}

/** Asks single nodes what they know of rooms and users, and tells them; what is asked of one in the same turn goes together. */
@Injectable()
export class ShareRequests {
  private readonly gathering = new Map<string, Gathered>();

  constructor(
    private readonly bus: Bus,
    private readonly node: NodeInfo,
    private readonly nodes: Nodes,
  ) {}

  /** Answers the questions of other nodes. */
  async serve(answer: (question: Question) => NodeNews): Promise<void> {
    await this.bus.respond(subjectOf(this.node.nodeId), (payload) => {
      const question = JSON.parse(Buffer.from(payload).toString()) as Question;
      return this.fitting(answer(question));
    });
  }

  /** What a node says of a room; null if it does not answer. Never rejects. */
  async ofRoom(nodeId: string, roomId: string): Promise<readonly MemberNews[] | null> {
    const gathered = this.gather(nodeId);
    gathered.rooms.add(roomId);
    return (await gathered.answer)?.rooms.get(roomId) ?? null;
  }

  /**
   * The latest state that other nodes know to hold in all rooms of a user, null if there is none; and whether all of them
   * have answered. Never rejects.
   */
  async ofUser(userId: string): Promise<{ state: Register | null; isComplete: boolean }> {
    const others = this.nodes.alive().filter((nodeId) => nodeId !== this.node.nodeId);
    const answers = await Promise.all(
      others.map((nodeId) => {
        const gathered = this.gather(nodeId);
        gathered.users.add(userId);
        return gathered.answer;
      }),
    );
    const states = answers.map((answer) => answer?.users.get(userId) ?? null);
    return { state: states.reduce(newest, null), isComplete: !answers.includes(null) };
  }

  /** Tells one node. @returns whether it has heard. Never rejects */
  async tell(nodeId: string, told: NodeNews): Promise<boolean> {
    return (await this.ask(nodeId, { rooms: [], users: [], told })) !== null;
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

  private async ask(nodeId: string, question: Omit<Question, 'from'>): Promise<Answer | null> {
    try {
      const payload = Buffer.from(JSON.stringify({ from: this.node.nodeId, ...question }));
      const options = { deadlineMs: DEADLINE_MS, expected: [nodeId] };
      const { answers } = await this.bus.request(subjectOf(nodeId), payload, options);
      const [first] = answers;
      if (first === undefined) return null;
      const { rooms, users } = JSON.parse(Buffer.from(first.payload).toString()) as NodeNews;
      return { rooms: new Map(rooms), users: new Map(users) };
    } catch {
      // The bus is away or closed: as if the node had not answered.
      return null;
    }
  }

  /** More than the bus carries is not said: states are a courtesy. */
  private fitting(news: NodeNews): Buffer {
    const whole = Buffer.from(JSON.stringify(news));
    if (whole.length <= this.bus.maxPayloadBytes) return whole;
    const perRoom = Math.floor(this.bus.maxPayloadBytes / (1 + news.rooms.length));
    const rooms = news.rooms.map(([roomId, each]) => [roomId, firstOf(each, perRoom - roomId.length - 10)] as const);
    return Buffer.from(JSON.stringify({ rooms, users: [] } satisfies NodeNews));
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
