import type { Room, RoomRole } from '@hubbub/protocol';
import { useEffect, useState } from 'preact/hooks';
import { sayError } from '../../shared/texts.js';
import { Avatar, Button, Dialog, toast } from '../../shared/ui/index.js';
import { usePage } from '../page.js';
import { mayGive } from '../state/roles.js';
import { sayRole, t } from './dialog-texts.js';

/** Who has a role in the room, bans among them, each to be taken back by who may. */
export function RoomRoles({ room, onClose }: { readonly room: Room; readonly onClose: () => void }) {
  const { chat } = usePage();
  useEffect(() => void chat.moderation.readRoles(room.id).catch(() => {}), [room.id]);
  const roles: [string, RoomRole][] = [...chat.book.roles(room.id)].filter(([id]) => id !== room.owner_id);
  return (
    <Dialog title={t('rolesTitle', { room: room.name })} onClose={onClose}>
      <ul class="role-list">
        {room.owner_id !== undefined && <RoleLine room={room} userId={room.owner_id} role="owner" />}
        {roles.map(([userId, role]) => (
          <RoleLine key={userId} room={room} userId={userId} role={role} />
        ))}
      </ul>
      {roles.length === 0 && <p class="soft">{t('rolesNone')}</p>}
    </Dialog>
  );
}

function RoleLine({ room, userId, role }: { room: Room; userId: string; role: RoomRole }) {
  const { chat } = usePage();
  const [busy, setBusy] = useState(false);
  const name = chat.nameOf(userId);
  const take = async () => {
    setBusy(true);
    await chat.moderation.setRole(room.id, userId, 'none').catch((error: unknown) => toast(sayError(error), 'alert'));
    setBusy(false);
  };
  const action = t(role === 'banned' ? 'unban' : 'takeRole');
  return (
    <li>
      <Avatar userId={userId} name={name} size="small" />
      <span class="role-name clip">{name}</span>
      <span class="soft">{sayRole(role)}</span>
      {mayGive(chat.actor(room.id), role, 'none') && (
        <Button busy={busy} aria-label={`${action}: ${name}`} onClick={() => void take()}>
          {action}
        </Button>
      )}
    </li>
  );
}
