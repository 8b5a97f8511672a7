import type { ComponentChildren } from 'preact';
import { Button } from '../../shared/ui/index.js';
import { useConsole } from '../state/console.js';
import { useLoad } from '../state/use-load.js';
import { Loaded } from '../ui/loaded.js';
import { t } from './texts.js';
import './sign-in.css';

/** Lets those through who may see the console, by the word of the gateway; others are told how to get there. */
export function Gate({ children }: { readonly children: ComponentChildren }) {
  const { api } = useConsole();
  const poll = useLoad((signal) => api.get<object>('/stats', {}, signal), 'gate');
  if (poll.error.value?.name === 'Forbidden') return <Denied onAgain={() => void poll.refresh()} />;
  return poll.data.value === null ? (
    <main class="sign-in">
      <Loaded poll={poll}>{() => null}</Loaded>
    </main>
  ) : (
    <>{children}</>
  );
}

function Denied({ onAgain }: { onAgain: () => void }) {
  const { session } = useConsole();
  // A token keeps what it was granted: another one has what is granted since.
  const again = () => void session.token('refused').then(onAgain, onAgain);
  return (
    <main class="sign-in">
      <section class="card" aria-labelledby="denied">
        <h1 id="denied">{t('deniedTitle')}</h1>
        <p>{t('deniedText', { name: session.username })}</p>
        <p>{t('deniedHow')}</p>
        <ol>
          <li>
            <p>{t('deniedAdmins')}</p>
            <pre tabIndex={0}>{`auth:\n  admins: [${session.username}]`}</pre>
          </li>
          <li>
            <p>{t('deniedToken')}</p>
            <pre tabIndex={0}>{`npm run token -- --user ${session.username} --permissions admin:system`}</pre>
          </li>
        </ol>
        <Button kind="primary" onClick={again}>
          {t('again')}
        </Button>
        <Button kind="quiet" onClick={() => void session.logout()}>
          {t('other')}
        </Button>
      </section>
    </main>
  );
}
