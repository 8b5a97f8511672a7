import type { Random } from './random.js';

const NUMBERS = [0, -0, -1, 1, 1.5, 201, 65_536, 2 ** 31, 2 ** 53, -(2 ** 53), 1e21, 1e308, 5e-324];
const TEXTS = [
  '',
  ' ',
  '\u0000',
  '\n',
  '\ud800',
  '\udfff\ud800',
  '\u202e',
  '💥',
  '__proto__',
  '%s',
  "'; DROP TABLE room;--",
];
const RAW = [
  '1e999',
  '-1e999',
  '1E400',
  '00',
  '0x10',
  'NaN',
  'undefined',
  '"\\ud800"',
  '"\\u0000"',
  '1'.repeat(400),
  '-0',
];
const KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'room_id',
  'content',
  '',
  '\ud800',
];

/** Any JSON text, and now and then what is none. */
export function oddValue(random: Random, depth = 0): string {
  switch (random.below(depth > 3 ? 5 : 8)) {
    case 0:
      return JSON.stringify(random.pick(NUMBERS));
    case 1:
      return JSON.stringify(random.pick(TEXTS).repeat(random.oneIn(10) ? 200 : 1));
    case 2:
      return random.pick(['true', 'false', 'null']);
    case 3:
      return random.oneIn(3) ? random.pick(RAW) : '"x"';
    case 4:
      return JSON.stringify(String.fromCharCode(...Array.from({ length: 5 }, () => random.below(65_536))));
    case 5:
      return `[${Array.from({ length: random.below(4) }, () => oddValue(random, depth + 1)).join()}]`;
    case 6:
      return oddObject(random, depth);
    default:
      return nested(random);
  }
}

/** Keys of Object.prototype, empty ones, halves of surrogate pairs, each perhaps twice. */
export function oddObject(random: Random, depth = 0): string {
  const members = Array.from({ length: random.below(4) }, () => {
    const key = JSON.stringify(random.pick(KEYS));
    return `${key}:${oddValue(random, depth + 1)}`;
  });
  return `{${members.join()}}`;
}

/** Around the deepest that is taken, and far beyond it. */
function nested(random: Random): string {
  const depth = random.pick([10, 61, 62, 63, 64, 65, 1000]);
  const [open, close] = random.pick([
    ['[', ']'],
    ['{"a":', '}'],
  ] as const);
  const inner = open === '[' ? '' : '1';
  return open.repeat(depth) + inner + close.repeat(random.oneIn(20) ? depth - 1 : depth);
}
