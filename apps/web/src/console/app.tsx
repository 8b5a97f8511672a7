import { useEffect, useMemo, useState } from 'preact/hooks';
import { Api } from '../shared/api.js';
import { Session } from '../shared/session.js';
import type { Settings } from '../shared/settings.js';
import { Spinner, Toasts } from '../shared/ui/index.js';
import './console.css';
import { Frame } from './frame.js';
import { Gate } from './sign-in/gate.js';
import { SignIn } from './sign-in/sign-in.js';
import { ConsoleProvider } from './state/console.js';
import { t } from './texts.js';
import { ActDialog } from './ui/act.js';

/** The whole page: who is not signed in does that first, and who may not see the console is told why. */
export function App({ settings }: { readonly settings: Settings }) {
  const [session, setSession] = useState<Session | null | 'asking'>('asking');
  const [isExpired, setExpired] = useState(false);
  useEffect(() => void Session.restore(settings).then(setSession), [settings]);
  useEffect(() => {
    document.title = `${t('console')} · Hubbub`;
  });
  useEffect(() => {
    if (session === null || session === 'asking') return;
    return session.onEnd((why) => {
      setExpired(why === 'expired');
      setSession(null);
    });
  }, [session]);
  if (session === 'asking') {
    return (
      <main class="waiting">
        <Spinner label={t('loading')} />
      </main>
    );
  }
  if (session === null) return <SignIn settings={settings} isExpired={isExpired} onSession={setSession} />;
  return <SignedIn key={session.userId} settings={settings} session={session} />;
}

function SignedIn({ settings, session }: { readonly settings: Settings; readonly session: Session }) {
  const shared = useMemo(() => ({ settings, session, api: new Api(settings, session) }), [settings, session]);
  return (
    <ConsoleProvider value={shared}>
      <Gate>
        <Frame />
      </Gate>
      <ActDialog />
      <Toasts />
    </ConsoleProvider>
  );
}
