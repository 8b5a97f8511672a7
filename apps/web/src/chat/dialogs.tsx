import { useEffect } from 'preact/hooks';
import { Confirm } from '../shared/ui/index.js';
import { Finder } from './finder/finder.js';
import { type Shown, usePage } from './page.js';
import { NewDirect } from './people/new-direct.js';
import { Person } from './people/person.js';
import { SettingsDialog } from './profile/settings-dialog.js';
import { StatusDialog } from './profile/status-dialog.js';
import { t } from './profile/texts.js';
import { CreateRoom } from './rooms/create-room.js';

/** The dialog over the page, one at a time. */
export function Dialogs({ shown }: { readonly shown: Shown }) {
  const { chat, show } = usePage();
  // Whoever goes back has left it.
  useEffect(() => {
    const close = () => show(null);
    addEventListener('hashchange', close);
    return () => removeEventListener('hashchange', close);
  }, [show]);
  const unsent = chat.client.outbox.entries().length;
  switch (shown.kind) {
    case 'create-room':
      return <CreateRoom name={shown.name} />;
    case 'new-direct':
      return <NewDirect />;
    case 'finder':
      return <Finder />;
    case 'status':
      return <StatusDialog />;
    case 'settings':
      return <SettingsDialog />;
    case 'person':
      return <Person key={shown.userId} userId={shown.userId} roomId={shown.roomId} />;
    case 'sign-out':
      return (
        <Confirm
          title={t('signOutTitle')}
          action={t('signOut')}
          onClose={() => show(null)}
          onConfirm={() => void chat.session.logout()}
        >
          <p>{t('signOutText')}</p>
          {unsent > 0 && <p>{t('signOutUnsent', { count: unsent })}</p>}
        </Confirm>
      );
  }
}
