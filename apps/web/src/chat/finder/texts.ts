import { makeTexts } from '../../shared/i18n.js';

export const t = makeTexts(
  {
    placeholder: 'Name of a room, or of a person',
    results: 'Found',
    count: { one: '{count} result', other: '{count} results' },
    write: 'Write to “{name}”',
    room: 'Room',
    person: 'Person',
  },
  () => import('./texts.zh.js'),
);
