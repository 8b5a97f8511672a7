/** What was measured last of each part, checked in: what docs/scaling.md shows and `npm run simulate` reckons with. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/run-process.mjs';

const FILE = join(ROOT, 'bench/growth/measured.json');

/** @returns parts by key, as `main.mjs` measures them @throws Error for a person, where `file` is no such thing */
export function readMeasured(file = FILE) {
  if (file === FILE && !existsSync(file)) return {};
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** @param isAgain keeps the lower of each figure: what else a machine does makes everything dearer and nothing cheaper. For runs of the same code only */
export function keep(part, isAgain) {
  const kept = readMeasured();
  const before = isAgain ? (kept[part.key]?.points ?? []) : [];
  const points = part.points.map((point) => lower(before.find(({ x }) => x === point.x) ?? point, point));
  writeFileSync(FILE, `${JSON.stringify({ ...kept, [part.key]: { ...part, points } }, rounded, 2)}\n`);
}

/** The lower of each number that both have, however deep. */
export function lower(one, other) {
  if (typeof one === 'number' && typeof other === 'number') return Math.min(one, other);
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return other;
  return Object.fromEntries(Object.entries(other).map(([key, value]) => [key, lower(one[key], value)]));
}

/** A point of a part that is still being measured: who interrupts it keeps what there is. */
export function keepPoint(part, point, isAgain) {
  const others = readMeasured()[part.key]?.points.filter(({ x }) => x !== point.x) ?? [];
  const points = [...others, point].toSorted((a, b) => a.x - b.x || 0);
  keep({ ...part, points }, isAgain);
}

/** Four digits say more than the measurement knows. */
const rounded = (_, value) => (typeof value === 'number' ? Number(value.toPrecision(4)) : value);
