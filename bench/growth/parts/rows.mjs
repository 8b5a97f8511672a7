/** The rows of `npm run bench` that say what a single thing costs, by Hubbub alone. */
import { hubbub } from '../../peers/hubbub.mjs';
import { ROWS } from '../../rows/index.mjs';

const KEYS = ['A2', 'E', 'J', 'S1', 'S2', 'S3', 'HT', 'R'];

export const rowCosts = {
  key: 'rows',
  title: 'Rows of npm run bench',
  x: 'row',
  figures: {
    cpu_us: { title: 'CPU', unit: 'µs' },
    bytes: { title: 'bytes to clients', unit: 'bytes' },
  },
  async *measure({ rows = KEYS, ...plan }) {
    for (const row of ROWS.filter(({ key }) => rows.includes(key))) {
      const { cpu_us, bytes, per_s } = await row.measure(hubbub, plan);
      yield { x: row.key, figures: { cpu_us, bytes, per_s }, title: `${row.title}, per ${row.unit}` };
    }
  },
};
