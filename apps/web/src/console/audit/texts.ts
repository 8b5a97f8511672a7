import { makeTexts } from '../../shared/i18n.js';

export const t = makeTexts(
  {
    about: 'Who did what by the power of an operator, newest first.',
    actor: 'Who',
    action: 'What',
    anything: 'Anything',
    target: 'On whom or what',
    targetHint: 'Id of a room, user, connection, node or token',
    time: 'Time',
    outcome: 'Outcome',
    begun: 'not known',
    done: 'done',
    failed: 'failed',
    details: 'Details',
    from: 'From',
    none: 'Nothing was done that fits.',
    message: 'message {seq}',
    token: 'token',
  },
  () => import('./texts.zh.js'),
);
