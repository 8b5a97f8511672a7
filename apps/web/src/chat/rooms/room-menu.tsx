import type { Room } from '@hubbub/protocol';
import { useState } from 'preact/hooks';
import { formatDay } from '../../shared/i18n.js';
import { Confirm, Dialog, Menu, type MenuItem } from '../../shared/ui/index.js';
import { CopyText, copy } from '../copy-text.js';
import { usePage } from '../page.js';
import { actsAsModerator, actsAsOwner } from '../state/roles.js';
import { hashOf } from '../state/target.js';
import { sayCount } from './all-rooms.js';
import { Invite } from './invite.js';
import { topicOf } from './room-form.js';
import { RoomRoles } from './room-roles.js';
import { RoomSettings } from './room-settings.js';
import { t } from './texts.js';

type Open = 'about' | 'invite' | 'roles' | 'settings' | 'leave' | 'delete';

/** What can be done with the room on the screen: only what this person may do. */
export function RoomMenu({ room }: { readonly room: Room }) {
  const { chat, route } = usePage();
  const [open, setOpen] = useState<Open | null>(null);
  const actor = chat.actor(room.id);
  const close = () => setOpen(null);
  const item = (name: Open, icon: NonNullable<MenuItem['icon']>, danger = false): MenuItem => ({
    label: t(name),
    icon,
    danger,
    onSelect: () => setOpen(name),
  });
  const items = [
    item('about', 'info'),
    { label: t('copyLink'), icon: 'copy', onSelect: () => void copy(linkTo(room.id)) } satisfies MenuItem,
    ...(actsAsModerator(actor) ? [item('invite', 'person'), item('roles', 'people')] : []),
    ...(actsAsOwner(actor) ? [item('settings', 'settings')] : []),
    ...(chat.may('leave:room', room.id) ? [item('leave', 'leave')] : []),
    ...(actsAsOwner(actor) && chat.may('delete:room', room.id) ? [item('delete', 'trash', true)] : []),
  ];
  return (
    <>
      <Menu label={t('menu')} items={items} />
      {open === 'about' && <About room={room} onClose={close} />}
      {open === 'invite' && <Invite room={room} onClose={close} />}
      {open === 'roles' && <RoomRoles room={room} onClose={close} />}
      {open === 'settings' && <RoomSettings room={room} onClose={close} />}
      {open === 'leave' && (
        <Confirm
          title={t('leaveTitle', { room: room.name })}
          action={t('leave')}
          onClose={close}
          onConfirm={async () => {
            await chat.leave(room.id);
            route.go(null, true);
          }}
        >
          <p>{t(room.visibility === 'private' ? 'leavePrivate' : 'leaveText')}</p>
        </Confirm>
      )}
      {open === 'delete' && (
        <Confirm
          title={t('deleteTitle', { room: room.name })}
          action={t('delete')}
          danger
          typed={{ label: t('deleteTyped', { name: room.name }), expected: room.name }}
          onClose={close}
          onConfirm={async () => {
            await chat.remove(room.id);
            route.go(null, true);
          }}
        >
          <p>{t('deleteText')}</p>
        </Confirm>
      )}
    </>
  );
}

function About({ room, onClose }: { room: Room; onClose: () => void }) {
  const topic = topicOf(room.metadata);
  return (
    <Dialog title={room.name} size="small" onClose={onClose}>
      {topic && <p>{topic}</p>}
      <dl class="about">
        <dt>{t('present')}</dt>
        <dd>{sayCount(room)}</dd>
        <dt>{t('owner')}</dt>
        <dd>{room.owner_id ?? '–'}</dd>
        <dt>{t('address')}</dt>
        <dd>{room.id}</dd>
      </dl>
      <p class="soft">{t('created', { date: formatDay(room.created_at) })}</p>
      <CopyText text={linkTo(room.id)} />
    </Dialog>
  );
}

function linkTo(roomId: string): string {
  return new URL(hashOf({ kind: 'room', id: roomId }), location.href).href;
}
