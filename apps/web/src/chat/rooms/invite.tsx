import type { Room } from '@hubbub/protocol';
import { useEffect, useState } from 'preact/hooks';
import { sayError } from '../../shared/texts.js';
import { Button, Dialog, toast } from '../../shared/ui/index.js';
import { CopyText } from '../copy-text.js';
import { usePage } from '../page.js';
import { userIdOf } from '../people/user-id.js';
import { UserIdField } from '../people/user-id-field.js';
import { hashOf } from '../state/target.js';
import { t } from './dialog-texts.js';

/** Invites by user id, one after the other. */
export function Invite({ room, onClose }: { readonly room: Room; readonly onClose: () => void }) {
  const { chat } = usePage();
  const [userId, setUserId] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  useEffect(() => void chat.moderation.readRoles(room.id).catch(() => {}), [room.id]);
  const invited = [...chat.book.roles(room.id)].flatMap(([id, role]) => (role === 'invited' ? [id] : []));
  const invite = async () => {
    const id = userIdOf(userId, { me: chat.me, known: chat.known.value });
    if (id === '') {
      setError(t('userIdMissing'));
      return;
    }
    if (id === chat.me.userId) {
      setError(t('userIdOwn'));
      return;
    }
    setBusy(true);
    setError(undefined);
    try {
      await chat.moderation.setRole(room.id, id, 'invited');
      toast(t('invited', { user: id }));
      setUserId('');
    } catch (cause) {
      setError(sayError(cause));
    }
    setBusy(false);
  };
  return (
    <Dialog title={t('inviteTitle', { room: room.name })} onClose={onClose} onSubmit={() => void invite()}>
      {room.visibility === 'public' && <p class="soft">{t('invitePublic')}</p>}
      <UserIdField value={userId} onValue={setUserId} error={error}>
        <Button type="submit" kind="primary" busy={busy}>
          {t('inviteAction')}
        </Button>
      </UserIdField>
      <CopyText text={new URL(hashOf({ kind: 'room', id: room.id }), location.href).href} />
      {invited.length > 0 && (
        <section aria-label={t('invitedList')}>
          <h3>{t('invitedList')}</h3>
          <ul>
            {invited.map((id) => (
              <li key={id} class="clip">
                {id}
              </li>
            ))}
          </ul>
        </section>
      )}
    </Dialog>
  );
}
