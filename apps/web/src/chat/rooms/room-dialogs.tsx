import type { Room } from '@hubbub/protocol';
import { formatDay } from '../../shared/i18n.js';
import { Confirm, Dialog } from '../../shared/ui/index.js';
import { CopyText } from '../copy-text.js';
import { usePage } from '../page.js';
import { sayCount } from './all-rooms.js';
import { t } from './dialog-texts.js';
import { Invite } from './invite.js';
import { linkTo } from './link.js';
import { topicOf } from './room-form.js';
import { RoomRoles } from './room-roles.js';
import { RoomSettings } from './room-settings.js';
import { t as rooms } from './texts.js';

export type RoomDialog = 'about' | 'invite' | 'roles' | 'settings' | 'leave' | 'delete';

export interface RoomDialogProps {
  readonly open: RoomDialog;
  readonly room: Room;
  readonly onClose: () => void;
}

/** What the menu of a room opens. */
export function RoomDialogs({ open, room, onClose }: RoomDialogProps) {
  const { chat, route } = usePage();
  switch (open) {
    case 'about':
      return <About room={room} onClose={onClose} />;
    case 'invite':
      return <Invite room={room} onClose={onClose} />;
    case 'roles':
      return <RoomRoles room={room} onClose={onClose} />;
    case 'settings':
      return <RoomSettings room={room} onClose={onClose} />;
    case 'leave':
      return (
        <Confirm
          title={t('leaveTitle', { room: room.name })}
          action={rooms('leave')}
          onClose={onClose}
          onConfirm={async () => {
            await chat.membership.leave(room.id);
            route.go(null, true);
          }}
        >
          <p>{t(room.visibility === 'private' ? 'leavePrivate' : 'leaveText')}</p>
        </Confirm>
      );
    case 'delete':
      return (
        <Confirm
          title={t('deleteTitle', { room: room.name })}
          action={rooms('delete')}
          danger
          typed={{ label: t('deleteTyped', { name: room.name }), expected: room.name }}
          onClose={onClose}
          onConfirm={async () => {
            await chat.membership.remove(room.id);
            route.go(null, true);
          }}
        >
          <p>{t('deleteText')}</p>
        </Confirm>
      );
  }
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
