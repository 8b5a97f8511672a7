import type { Room } from '@hubbub/protocol';
import { useState } from 'preact/hooks';
import { lazy, Menu, type MenuItem } from '../../shared/ui/index.js';
import { copy } from '../copy-text.js';
import { usePage } from '../page.js';
import { actsAsModerator, actsAsOwner } from '../state/roles.js';
import { linkTo } from './link.js';
import type { RoomDialog, RoomDialogProps } from './room-dialogs.js';
import { t } from './texts.js';

export const RoomDialogs = lazy<RoomDialogProps>(async () => (await import('./room-dialogs.js')).RoomDialogs);

/** What can be done with the room on the screen: only what this person may do. */
export function RoomMenu({ room }: { readonly room: Room }) {
  const { chat } = usePage();
  const [open, setOpen] = useState<RoomDialog | null>(null);
  const actor = chat.actor(room.id);
  const item = (name: RoomDialog, icon: NonNullable<MenuItem['icon']>, danger = false): MenuItem => ({
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
      {open !== null && <RoomDialogs open={open} room={room} onClose={() => setOpen(null)} />}
    </>
  );
}
