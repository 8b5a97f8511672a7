import { makeTexts } from '../../shared/i18n.js';

export const t = makeTexts(
  {
    all: { one: '{count} connection in the cluster', other: '{count} connections in the cluster' },
    ofUser: { one: '{count} connection of this user', other: '{count} connections of this user' },
    filter: 'User id, exactly',
    none: 'No connections.',
    rooms: 'Rooms',
  },
  () => import('./texts.zh.js'),
);
