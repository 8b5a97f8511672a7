import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { whenIdle } from '../shared/idle.js';
import { IconButton } from '../shared/ui/index.js';
import { ConversationView } from './conversation/conversation-view.js';
import { usePage } from './page.js';
import { RoomDialogs, RoomMenu } from './rooms/room-menu.js';
import type { Target } from './state/target.js';
import { t } from './texts.js';

export interface TalkProps {
  readonly place: Target;
  readonly leading: ComponentChildren;
}

/** The conversation on the screen, with what can be done about its room or person. */
export function Talk({ place, leading }: TalkProps) {
  // Before somebody is offline who opens one.
  useEffect(() => whenIdle(() => RoomDialogs.preload()), []);
  const { chat, show } = usePage();
  const room = place.kind === 'room' ? chat.book.rooms.value.get(place.id) : undefined;
  const onUser = (userId: string) =>
    show({ kind: 'person', userId, ...(place.kind === 'room' && { roomId: place.id }) });
  return (
    <ConversationView
      chat={chat}
      conversation={chat.conversation(place)}
      leading={leading}
      actions={
        place.kind === 'direct' ? (
          <IconButton
            icon="info"
            label={t('profileOf', { name: chat.nameOf(place.id) })}
            onClick={() => onUser(place.id)}
          />
        ) : (
          room && <RoomMenu room={room} />
        )
      }
      onUser={onUser}
    />
  );
}
