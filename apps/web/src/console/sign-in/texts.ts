import { makeTexts } from '../../shared/i18n.js';

export const t = makeTexts(
  {
    title: 'Hubbub console',
    about: 'For operators of this gateway.',
    username: 'Username',
    password: 'Password',
    signIn: 'Sign in',
    wrong: 'The username or the password is not right.',
    useToken: 'Use a token instead',
    usePassword: 'Use a password instead',
    token: 'Token',
    tokenHint: 'As printed by: npm run token -- --user you --permissions admin:system',
    expired: 'Your sign-in has expired. Sign in again.',
    deniedTitle: 'This account may not use the console',
    deniedText:
      'You are signed in as {name}. The console needs the permission admin:system, which this account does not have.',
    deniedHow: 'To get it, one of these:',
    deniedAdmins: 'Name the account in the configuration and sign in again. It is reloaded without a restart:',
    deniedToken: 'Or make a token on the server, and sign in with it:',
    other: 'Sign in as somebody else',
    again: 'I have it now',
  },
  () => import('./texts.zh.js'),
);
