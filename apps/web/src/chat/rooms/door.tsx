import { CommandError } from '@hubbub/client';
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { sayError, sharedTexts } from '../../shared/texts.js';
import { Button, Icon, Spinner } from '../../shared/ui/index.js';
import { harmlessLine } from '../conversation/markdown/harmless.js';
import { CopyText } from '../copy-text.js';
import { usePage } from '../page.js';
import { sayCount } from './all-rooms.js';
import { topicOf } from './room-form.js';
import './rooms.css';
import { t } from './texts.js';

export interface DoorProps {
  readonly roomId: string;
  readonly leading?: ComponentChildren;
}

/** What is shown at the address of a room that this person is not in: what it is, and the way in. */
export function Door({ roomId, leading }: DoorProps) {
  const { chat } = usePage();
  const [error, setError] = useState<CommandError | null>(null);
  const [busy, setBusy] = useState(false);
  const room = chat.book.rooms.value.get(roomId);
  const attempt = async (work: () => Promise<unknown>) => {
    setBusy(true);
    setError(null);
    try {
      await work();
    } catch (cause) {
      setError(cause instanceof CommandError ? cause : new CommandError('Unknown'));
    }
    setBusy(false);
  };
  useEffect(() => {
    setError(null);
    if (room === undefined) void attempt(() => chat.look(roomId));
  }, [roomId]);
  const isBanned = chat.book.role(roomId, chat.me.userId) === 'banned';
  const isOpen = !isBanned && error?.name !== 'RoomNotFound' && error?.name !== 'Forbidden';
  const enter = () => attempt(() => chat.membership.enter(roomId));
  return (
    <section class="door" aria-label={room?.name ?? roomId}>
      <header class="pane-head">
        {leading}
        <h2 class="clip">{harmlessLine(room?.name ?? roomId)}</h2>
      </header>
      {room !== undefined && isOpen ? (
        <div class="empty">
          <Icon name={room.visibility === 'private' ? 'lock' : 'hash'} class="empty-icon" />
          <h3>{t('doorTitle')}</h3>
          {topicOf(room.metadata) && <p>{topicOf(room.metadata)}</p>}
          <p class="soft">{sayCount(room)}</p>
          <Button kind="primary" busy={busy} onClick={() => void enter()}>
            {t('enter')}
          </Button>
          {error && (
            <p class="field-error" role="alert">
              {sayError(error)}
            </p>
          )}
        </div>
      ) : error === null && !isBanned ? (
        <div class="empty">
          <Spinner label={sharedTexts('loading')} />
        </div>
      ) : (
        <NoEntry
          roomId={roomId}
          isBanned={isBanned}
          error={error}
          onRetry={() => void attempt(() => chat.look(roomId))}
        />
      )}
    </section>
  );
}

interface NoEntryProps {
  readonly roomId: string;
  readonly isBanned: boolean;
  readonly error: CommandError | null;
  readonly onRetry: () => void;
}

function NoEntry({ roomId, isBanned, error, onRetry }: NoEntryProps) {
  const { chat, show } = usePage();
  if (isBanned) {
    return (
      <div class="empty" role="alert">
        <Icon name="ban" class="empty-icon" />
        <h3>{t('banned')}</h3>
        <p class="soft">{t('bannedHint')}</p>
      </div>
    );
  }
  if (error?.name === 'Forbidden') {
    return (
      <div class="empty" role="alert">
        <Icon name="lock" class="empty-icon" />
        <h3>{t('noEntry')}</h3>
        <p class="soft">{t('noEntryHint')}</p>
        <CopyText text={chat.me.userId} />
        <Button onClick={onRetry}>{sharedTexts('retry')}</Button>
      </div>
    );
  }
  if (error?.name === 'RoomNotFound' || error?.name === 'InvalidFormat') {
    return (
      <div class="empty" role="alert">
        <Icon name="search" class="empty-icon" />
        <h3>{t('noRoom')}</h3>
        <p class="soft">{t('noRoomHint')}</p>
        {chat.may('create:room') && (
          <Button icon="add" onClick={() => show({ kind: 'create-room', name: roomId })}>
            {t('createNamed', { name: roomId })}
          </Button>
        )}
      </div>
    );
  }
  return (
    <div class="empty" role="alert">
      <p>{sayError(error)}</p>
      <Button onClick={onRetry}>{sharedTexts('retry')}</Button>
    </div>
  );
}
