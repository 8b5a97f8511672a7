import { CommandError } from '@hubbub/client';
import { useState } from 'preact/hooks';
import { Session } from '../../shared/session.js';
import type { Settings } from '../../shared/settings.js';
import { sayError } from '../../shared/texts.js';
import { Button, Field, TextArea } from '../../shared/ui/index.js';
import './sign-in.css';
import { t } from './texts.js';

interface SignInProps {
  readonly settings: Settings;
  readonly isExpired: boolean;
  readonly onSession: (session: Session) => void;
}

/** By password, or by a token of whoever else signs tokens for this gateway. */
export function SignIn({ settings, isExpired, onSession }: SignInProps) {
  const [byToken, setByToken] = useState(false);
  const [name, setName] = useState('');
  const [secret, setSecret] = useState('');
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const submit = async () => {
    setBusy(true);
    setFault(null);
    try {
      onSession(
        await (byToken ? Session.withToken(settings, secret.trim()) : Session.login(settings, name.trim(), secret)),
      );
    } catch (error) {
      const isWrong = error instanceof CommandError && error.name === 'Unauthorized';
      setFault(isWrong && !byToken ? t('wrong') : sayError(error));
      setBusy(false);
    }
  };
  return (
    <main class="sign-in">
      <form
        class="card"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <h1>{t('title')}</h1>
        <p class="soft">{t('about')}</p>
        {isExpired && (
          <p class="notice warning" role="status">
            {t('expired')}
          </p>
        )}
        {byToken ? (
          <TextArea
            key="token"
            label={t('token')}
            hint={t('tokenHint')}
            value={secret}
            rows={5}
            required
            spellcheck={false}
            onValue={setSecret}
          />
        ) : (
          <>
            <Field
              label={t('username')}
              value={name}
              required
              autofocus
              autocomplete="username"
              autocapitalize="none"
              spellcheck={false}
              onValue={setName}
            />
            <Field
              label={t('password')}
              type="password"
              value={secret}
              required
              autocomplete="current-password"
              onValue={setSecret}
            />
          </>
        )}
        <p class="field-error" role="alert">
          {fault}
        </p>
        <Button type="submit" kind="primary" busy={busy}>
          {t('signIn')}
        </Button>
        <Button
          kind="quiet"
          onClick={() => {
            setByToken(!byToken);
            setSecret('');
            setFault(null);
          }}
        >
          {byToken ? t('usePassword') : t('useToken')}
        </Button>
      </form>
    </main>
  );
}
