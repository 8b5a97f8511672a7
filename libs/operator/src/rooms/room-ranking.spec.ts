import type { Control } from '@hubbub/bus';
import type { RoomSurvey } from '@hubbub/rooms';
import { RoomRanking } from './room-ranking.js';

/** What a bus carries. */
const MAX_PAYLOAD_BYTES = 1024 * 1024;

describe('the rates of rooms', () => {
  it('are asked for in parts that a bus carries, and added up over the nodes', async () => {
    const asked: number[] = [];
    const control = {
      call: async (_: string, data: { ids: string[] }) => {
        asked.push(Buffer.byteLength(JSON.stringify(data)));
        const rates = data.ids.map((id) => Number(id.slice(0, 6)));
        return { results: [rates, rates], nodes: 2, unconfirmed: ['n3'] };
      },
    };
    const ids = Array.from({ length: 40_000 }, (_, n) => `${n}`.padStart(6, '0').padEnd(128, 'x'));
    const ranking = new RoomRanking(control as unknown as Control, {} as RoomSurvey);
    const { of, unconfirmed } = await ranking.ratesOf(ids);
    expect(Math.max(...asked)).toBeLessThan(MAX_PAYLOAD_BYTES / 2);
    expect([0, 1, 1999, 2000, 39_999].map((n) => of(ids[n] as string))).toEqual([0, 2, 3998, 4000, 79_998]);
    expect(unconfirmed).toEqual(['n3']);
  });
});
