import { Control } from '@hubbub/bus';
import { RoomSurvey } from '@hubbub/rooms';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { firstOf } from '../first-of.js';
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
      firstOf(by === 'members' ? this.sizes(prefix) : this.rates(prefix), CANDIDATES, bySize),
    );
    this.control.handle(RATES, ({ ids }: { ids: readonly string[] }) => {
      const now = Date.now();
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
    const { results, unconfirmed } = await this.control.call<number[]>(RATES, { ids });
    const places = new Map(ids.map((id, place) => [id, place]));
    const of = (id: string) => {
      const total = results.reduce((rate, rates) => rate + (rates[places.get(id) ?? -1] ?? 0), 0);
      return Math.round(total * 1000) / 1000;
    };
    return { of, unconfirmed };
  }

  private *sizes(prefix: string): Iterable<Share> {
    for (const id of this.survey.occupied()) {
      if (id.startsWith(prefix)) yield { id, share: this.survey.seatsHere(id) };
    }
  }

  private *rates(prefix: string): Iterable<Share> {
    const now = Date.now();
    for (const id of this.traffic.rooms(now)) {
      if (id.startsWith(prefix)) yield { id, share: this.traffic.rate(id, now) };
    }
  }
}
