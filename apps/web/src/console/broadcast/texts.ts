import { makeTexts } from '../../shared/i18n.js';

export const t = makeTexts(
  {
    about:
      'A push to every identified connection of every node, at once. It is not stored: who is away does not get it.',
    kind: 'Sent as',
    text: 'Text',
    json: 'JSON',
    message: 'Message',
    hint: 'The chat page shows text as a notice.',
    wrong: 'This is not JSON.',
    send: 'Broadcast…',
    title: 'Broadcast to everybody?',
    consequence: {
      one: '{count} connection gets this now, and it cannot be taken back:',
      other: '{count} connections get this now, and it cannot be taken back:',
    },
    unknown: 'Every connection gets this now, and it cannot be taken back:',
    verb: 'Broadcast',
  },
  () => import('./texts.zh.js'),
);
