import { useEffect, useState } from 'preact/hooks';
import { whenIdle } from '../shared/idle.js';
import type { Session, SessionEnd } from '../shared/session.js';
import type { Settings } from '../shared/settings.js';
import { lazy, Toasts } from '../shared/ui/index.js';
import type { SignInProps } from './sign-in/sign-in.js';
import type { SignedInProps } from './signed-in.js';
import { Route } from './state/route.js';
import { t } from './texts.js';

export interface AppProps {
  readonly settings: Settings;
  /** Who was signed in when the page was opened. */
  readonly kept: Session | null;
}

/** Who is signed in needs no form for that, and who is not needs nothing yet of the chat. */
const SignIn = lazy<SignInProps>(async () => (await import('./sign-in/sign-in.js')).SignIn);
const SignedIn = lazy<SignedInProps>(async () => (await import('./signed-in.js')).SignedIn);

/** Signed in or not: where the address leads to stays the same in between. */
export function App({ settings, kept }: AppProps) {
  const [session, setSession] = useState(kept);
  const [end, setEnd] = useState<SessionEnd | null>(null);
  const [route] = useState(() => new Route());
  const other = session === null ? SignedIn : SignIn;
  useEffect(() => whenIdle(() => other.preload()), [other]);
  return (
    <>
      {session === null ? (
        <SignIn
          settings={settings}
          notice={end && t(end === 'expired' ? 'signInOver' : 'signedOut')}
          onSession={(next) => {
            setEnd(null);
            setSession(next);
          }}
        />
      ) : (
        <SignedIn
          settings={settings}
          session={session}
          route={route}
          onEnd={(why) => {
            setEnd(why);
            setSession(null);
          }}
        />
      )}
      <Toasts />
    </>
  );
}
