import type { Room } from '@hubbub/protocol';
import { useState } from 'preact/hooks';
import { sayError } from '../../shared/texts.js';
import { Avatar, Button, Confirm, Dialog, toast } from '../../shared/ui/index.js';
import { CopyText } from '../copy-text.js';
import { usePage } from '../page.js';
import { sayRole } from '../rooms/dialog-texts.js';
import { mayActOn, mayGive } from '../state/roles.js';
import { t as page } from '../texts.js';
import './person.css';
import { t } from './texts.js';

type Asked = 'kick' | 'ban' | 'moderator' | 'block';

/** A person's card: who he is, and what one can do about him, in the room where he was met. */
export function Person({ userId, roomId }: { readonly userId: string; readonly roomId?: string | undefined }) {
  const { chat, route, show } = usePage();
  const [asked, setAsked] = useState<Asked | null>(null);
  const name = chat.nameOf(userId);
  const state = chat.statusOf(userId);
  const room = roomId === undefined ? undefined : chat.book.rooms.value.get(roomId);
  const isMe = userId === chat.me.userId;
  const close = () => show(null);
  if (asked !== null) return <Ask asked={asked} userId={userId} name={name} room={room} onClose={close} />;
  const act = (work: Promise<unknown>, done: string) =>
    void work.then(
      () => {
        toast(done);
        close();
      },
      (error: unknown) => toast(sayError(error), 'alert'),
    );
  const isBlocked = chat.moderation.blocked.has(userId);
  return (
    <Dialog title={t('title')} size="small" onClose={close}>
      <div class="person-head">
        <Avatar userId={userId} name={name} status={state?.status} size="large" />
        <div class="person-text">
          <strong class="clip">{name}</strong>
          {state && <span class="soft">{state.text ?? page(state.status)}</span>}
          {isMe && <span class="soft">{t('you')}</span>}
        </div>
      </div>
      <CopyText text={userId} />
      {!isMe && (
        <div class="person-actions">
          <Button
            kind="primary"
            icon="chat"
            autofocus
            onClick={() => {
              close();
              route.go({ kind: 'direct', id: userId });
            }}
          >
            {t('message')}
          </Button>
          {isBlocked ? (
            <Button onClick={() => act(chat.moderation.block(userId, false), t('unblocked', { name }))}>
              {t('unblock')}
            </Button>
          ) : (
            <Button icon="ban" onClick={() => setAsked('block')}>
              {t('block')}
            </Button>
          )}
        </div>
      )}
      {room && <InRoom room={room} userId={userId} onAsk={setAsked} onAct={act} />}
    </Dialog>
  );
}

interface InRoomProps {
  readonly room: Room;
  readonly userId: string;
  readonly onAsk: (asked: Asked) => void;
  readonly onAct: (work: Promise<unknown>, done: string) => void;
}

/** His role in the room, and what this person may do about it. */
function InRoom({ room, userId, onAsk, onAct }: InRoomProps) {
  const { chat } = usePage();
  const role = chat.book.role(room.id, userId);
  const actor = chat.actor(room.id);
  const isOther = userId !== chat.me.userId;
  const isHere = chat.isHere(room.id, userId);
  const may = isOther && mayActOn(actor, role);
  const name = chat.nameOf(userId);
  if (!may && role === 'none') return null;
  return (
    <section class="person-room" aria-label={t('inRoom', { room: room.name })}>
      <h3>
        {t('inRoom', { room: room.name })}
        {role !== 'none' && <span class="soft"> · {sayRole(role)}</span>}
      </h3>
      {may && (
        <div class="person-actions">
          {role === 'moderator' ? (
            <Button onClick={() => onAct(chat.moderation.setRole(room.id, userId, 'none'), t('done'))}>
              {t('takeModerator')}
            </Button>
          ) : (
            role !== 'banned' &&
            mayGive(actor, role, 'moderator') && (
              <Button onClick={() => onAsk('moderator')}>{t('makeModerator')}</Button>
            )
          )}
          {isHere && <Button onClick={() => onAsk('kick')}>{t('kick')}</Button>}
          {role === 'banned' ? (
            <Button onClick={() => onAct(chat.moderation.setRole(room.id, userId, 'none'), t('unbanDone', { name }))}>
              {t('unban')}
            </Button>
          ) : (
            <Button kind="danger" icon="ban" onClick={() => onAsk('ban')}>
              {t('ban')}
            </Button>
          )}
        </div>
      )}
    </section>
  );
}

interface AskProps {
  readonly asked: Asked;
  readonly userId: string;
  readonly name: string;
  readonly room: Room | undefined;
  readonly onClose: () => void;
}

function Ask({ asked, userId, name, room, onClose }: AskProps) {
  const { chat } = usePage();
  const vars = { name, room: room?.name ?? '' };
  const roomId = room?.id ?? '';
  const done = (text: string) => () => toast(text);
  switch (asked) {
    case 'kick':
      return (
        <Confirm
          title={t('kickTitle', vars)}
          action={t('kick')}
          reasonLabel={t('reason')}
          onClose={onClose}
          onConfirm={(reason) => chat.moderation.kick(roomId, userId, reason).then(done(t('kickDone', vars)))}
        >
          <p>{t('kickText')}</p>
        </Confirm>
      );
    case 'ban':
      return (
        <Confirm
          title={t('banTitle', vars)}
          action={t('ban')}
          danger
          reasonLabel={t('reason')}
          onClose={onClose}
          onConfirm={(reason) =>
            chat.moderation.setRole(roomId, userId, 'banned', reason).then(done(t('banDone', vars)))
          }
        >
          <p>{t('banText')}</p>
        </Confirm>
      );
    case 'moderator':
      return (
        <Confirm
          title={t('makeModeratorTitle', vars)}
          action={t('makeModerator')}
          onClose={onClose}
          onConfirm={() => chat.moderation.setRole(roomId, userId, 'moderator').then(done(t('done')))}
        >
          <p>{t('makeModeratorText')}</p>
        </Confirm>
      );
    case 'block':
      return (
        <Confirm
          title={t('blockTitle', vars)}
          action={t('block')}
          danger
          onClose={onClose}
          onConfirm={() => chat.moderation.block(userId, true).then(done(t('blocked', vars)))}
        >
          <p>{t('blockText')}</p>
        </Confirm>
      );
  }
}
