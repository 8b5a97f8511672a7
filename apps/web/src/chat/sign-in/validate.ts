export type Mode = 'log-in' | 'register' | 'token';

export interface SignInForm {
  readonly username: string;
  readonly password: string;
  readonly token: string;
}

/** What is wrong, by field, in words. */
export type Faults = { readonly [Field in keyof SignInForm]?: string };

export type FaultKey = 'usernameEmpty' | 'usernameWrong' | 'passwordEmpty' | 'passwordShort' | 'tokenEmpty';

const USERNAME = /^[A-Za-z0-9_-]{3,32}$/;
const MIN_PASSWORD = 8;

/** What the gateway would refuse, told before it is asked. Signing in takes anything: older accounts may follow other rules. */
export function faultsOf(
  mode: Mode,
  { username, password, token }: SignInForm,
): Partial<Record<keyof SignInForm, FaultKey>> {
  if (mode === 'token') return token === '' ? { token: 'tokenEmpty' } : {};
  const isNew = mode === 'register';
  return {
    ...(username === ''
      ? { username: 'usernameEmpty' }
      : isNew && !USERNAME.test(username) && { username: 'usernameWrong' }),
    ...(password === ''
      ? { password: 'passwordEmpty' }
      : isNew && password.length < MIN_PASSWORD && { password: 'passwordShort' }),
  } as const;
}
