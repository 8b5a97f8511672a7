import { CommandError } from '@hubbub/client';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { LANGUAGES, type Language, language, setLanguage } from '../../shared/i18n.js';
import { Session } from '../../shared/session.js';
import type { Settings } from '../../shared/settings.js';
import { sayError } from '../../shared/texts.js';
import { Button, Field, IconButton, TextArea } from '../../shared/ui/index.js';
import { Logo } from './logo.js';
import './sign-in.css';
import { t } from './texts.js';
import { type Faults, faultsOf, type Mode, type SignInForm } from './validate.js';

export interface SignInProps {
  readonly settings: Settings;
  readonly onSession: (session: Session) => void;
  /** Said above the form: why somebody has to sign in (again). */
  readonly notice?: ComponentChildren;
}

const EMPTY: SignInForm = { username: '', password: '', token: '' };

/** The page for those who are not signed in. */
export function SignIn({ settings, onSession, notice }: SignInProps) {
  const [mode, setMode] = useState<Mode>('log-in');
  const [form, setForm] = useState(EMPTY);
  const [faults, setFaults] = useState<Faults>({});
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [isShown, setShown] = useState(false);
  const wait = useCountdown();
  const root = useRef<HTMLFormElement>(null);
  // Not `autofocus`: that counts only for a page that was just loaded.
  useEffect(() => root.current?.querySelector<HTMLElement>('[name]')?.focus(), [mode]);
  const change = (part: Partial<SignInForm>) => setForm({ ...form, ...part });
  const turn = (next: Mode, why?: string) => {
    setMode(next);
    setFaults({});
    setError(why);
  };

  const submit = async () => {
    // What a password manager filled in need not have told.
    const read = (name: string) => root.current?.querySelector<HTMLInputElement>(`[name=${name}]`)?.value;
    const given = {
      username: (read('username') ?? form.username).trim(),
      password: read('password') ?? form.password,
      token: (read('token') ?? form.token).trim().replace(/^Bearer\s+/i, ''),
    };
    setForm(given);
    const found = faultsOf(mode, given);
    setFaults(Object.fromEntries(Object.entries(found).map(([field, key]) => [field, t(key)])));
    setError(undefined);
    const [first] = Object.keys(found);
    if (first !== undefined) {
      root.current?.querySelector<HTMLElement>(`[name=${first}]`)?.focus();
      return;
    }
    setBusy(true);
    try {
      onSession(await begin(settings, mode, given));
    } catch (cause) {
      setBusy(false);
      if (isElsewhere(mode, cause)) turn('token', t('elsewhere'));
      else {
        setError(mode === 'log-in' && isNamed(cause, 'Unauthorized') ? t('wrong') : sayError(cause));
        if (cause instanceof CommandError && cause.retryAfterMs !== undefined) wait.start(cause.retryAfterMs);
      }
    }
  };

  const greeting = Session.wasHere(settings) ? t('welcome') : t('logIn');
  const title = { 'log-in': greeting, register: t('newHere'), token: t('tokenTitle') }[mode];
  return (
    <main class="sign-in">
      <div class="sign-in-card">
        <Logo />
        <h1>{title}</h1>
        {notice && <p class="sign-in-notice">{notice}</p>}
        <form
          ref={root}
          key={mode}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            if (!busy && wait.seconds === 0) void submit();
          }}
        >
          {mode === 'token' ? (
            <TextArea
              label={t('token')}
              hint={t('tokenHint')}
              error={faults.token}
              name="token"
              rows={4}
              spellcheck={false}
              autocomplete="off"
              autocapitalize="none"
              value={form.token}
              onValue={(token) => change({ token })}
            />
          ) : (
            <>
              <Field
                label={t('username')}
                hint={mode === 'register' ? t('usernameHint') : undefined}
                error={faults.username}
                name="username"
                autocomplete="username"
                autocapitalize="none"
                spellcheck={false}
                required
                maxLength={128}
                value={form.username}
                onValue={(username) => change({ username })}
              />
              <Field
                label={t('password')}
                hint={mode === 'register' ? t('passwordHint') : undefined}
                error={faults.password}
                name="password"
                type={isShown ? 'text' : 'password'}
                autocomplete={mode === 'register' ? 'new-password' : 'current-password'}
                autocapitalize="none"
                spellcheck={false}
                required
                maxLength={128}
                value={form.password}
                onValue={(password) => change({ password })}
              >
                <IconButton
                  icon="eye"
                  label={isShown ? t('hidePassword') : t('showPassword')}
                  aria-pressed={isShown}
                  onClick={() => setShown(!isShown)}
                />
              </Field>
            </>
          )}
          <p class="field-error" role="alert">
            {error}
          </p>
          <Button type="submit" kind="primary" class="wide" busy={busy} disabled={wait.seconds > 0}>
            {wait.seconds > 0
              ? t('waitSeconds', { count: wait.seconds })
              : mode === 'register'
                ? t('register')
                : t('logIn')}
          </Button>
        </form>
        <Others mode={mode} settings={settings} onMode={turn} />
      </div>
      <LanguageLinks />
    </main>
  );
}

/** The other ways to begin. */
function Others({ mode, settings, onMode }: { mode: Mode; settings: Settings; onMode: (mode: Mode) => void }) {
  const link = (to: Mode, text: string) => (
    <Button kind="quiet" onClick={() => onMode(to)}>
      {text}
    </Button>
  );
  return (
    <div class="sign-in-others">
      {mode === 'log-in' && settings.registration && link('register', t('toRegister'))}
      {mode === 'log-in' && !settings.registration && <p class="soft">{t('noRegistration')}</p>}
      {mode === 'register' && link('log-in', t('toLogIn'))}
      {mode === 'token' ? link('log-in', t('usePassword')) : link('token', t('useToken'))}
    </div>
  );
}

function LanguageLinks() {
  return (
    <nav class="sign-in-languages" aria-label={t('language')}>
      {(Object.keys(LANGUAGES) as Language[]).map((tag) => (
        <button
          key={tag}
          type="button"
          lang={tag}
          aria-pressed={language.value === tag}
          onClick={() => setLanguage(tag)}
        >
          {LANGUAGES[tag]}
        </button>
      ))}
    </nav>
  );
}

function begin(settings: Settings, mode: Mode, { username, password, token }: SignInForm): Promise<Session> {
  if (mode === 'token') return Session.withToken(settings, token);
  return mode === 'register'
    ? Session.register(settings, username, password)
    : Session.login(settings, username, password);
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof CommandError && error.name === name;
}

/** Nobody may log in with a name here: that is only so where another issuer keeps the accounts. */
function isElsewhere(mode: Mode, error: unknown): boolean {
  return mode === 'log-in' && isNamed(error, 'Forbidden');
}

/** Whole seconds until something may be tried again; 0 when it may. */
function useCountdown(): { seconds: number; start(ms: number): void } {
  const [until, setUntil] = useState(0);
  const [now, setNow] = useState(0);
  const seconds = Math.max(0, Math.ceil((until - now) / 1000));
  const isOn = seconds > 0;
  useEffect(() => {
    if (!isOn) return;
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [isOn]);
  return {
    seconds,
    start: (ms) => {
      setNow(Date.now());
      setUntil(Date.now() + ms);
    },
  };
}
