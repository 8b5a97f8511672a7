import { Control } from '@hubbub/bus';
import { RoomSurvey } from '@hubbub/rooms';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { firstOf } from '../first-of.js';
import { sum } from '../gathered.js';
import { RoomTraffic } from './room-traffic.js';

export type Ranking = 'members' | 'traffic';

/** A room and what a node has of its members or of its messages a second. */
interface Share {
  readonly id: string;
  readonly share: number;
}

const TOP = 'operator.top_rooms';
const RATES = 'operator.room_rates';
/** Rooms that each node names. */
const CANDIDATES = 400;
/** Rooms that are asked for at once: what a bus carries, of however many nodes they are. */
const AT_ONCE = 2000;

const bySize = (a: Share, b: Share) => b.share - a.share || (a.id < b.id ? -1 : 1);

/**
 * The largest rooms of the cluster: each node names those with its largest shares, then all shares of these are added up. A room
 * is missed only if it is below the first 400 at every single node.
 */
@Injectable()
export class RoomRanking implements OnModuleInit {
  readonly traffic = new RoomTraffic();

  constructor(
    private readonly control: Control,
    private readonly survey: RoomSurvey,
  ) {}

  onModuleInit(): void {
    this.control.handle(TOP, ({ by, prefix }: { by: Ranking; prefix: string }) =>
      firstOf(by === 'members' ? this.sizes() : this.rates(), CANDIDATES, bySize, ({ id }) => id.startsWith(prefix)),
    );
    this.control.handle(RATES, ({ ids }: { ids: readonly string[] }) => {
      const now = performance.now();
      return ids.map((id) => this.traffic.rate(id, now));
    });
  }

  /** Ids of the rooms with the most members, or messages; those without any are left out. @throws HubbubError ServerError */
  async top(by: Ranking, limit: number, prefix = '') {
    const { results, unconfirmed } = await this.control.call<Share[]>(TOP, { by, prefix });
    const ids = [...new Set(results.flatMap((shares) => shares.map(({ id }) => id)))];
    const total = by === 'members' ? await this.survey.counts(ids) : (await this.ratesOf(ids)).of;
    const all = ids.map((id): Share => ({ id, share: total(id) })).filter(({ share }) => share > 0);
    const largest = await firstOf(all, limit, bySize);
    return { ids: largest.map(({ id }) => id), unconfirmed };
  }

  /** Messages a second of each of these rooms, on all nodes. @throws HubbubError ServerError */
  async ratesOf(ids: readonly string[]) {
    const rates = new Map<string, number>();
    const silent = new Set<string>();
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      const some = ids.slice(at, at + AT_ONCE);
      const { results, unconfirmed } = await this.control.call<number[]>(RATES, { ids: some });
      for (const [place, id] of some.entries())
        rates.set(
          id,
          sum(results, (ofNode) => ofNode[place] ?? 0),
        );
      for (const nodeId of unconfirmed) silent.add(nodeId);
    }
    const of = (id: string) => Math.round((rates.get(id) ?? 0) * 1000) / 1000;
    return { of, unconfirmed: [...silent] };
  }

  private *sizes(): Iterable<Share> {
    for (const id of this.survey.occupied()) yield { id, share: this.survey.seatsHere(id) };
  }

  private *rates(): Iterable<Share> {
    const now = performance.now();
    for (const id of this.traffic.rooms(now)) yield { id, share: this.traffic.rate(id, now) };
  }
}
