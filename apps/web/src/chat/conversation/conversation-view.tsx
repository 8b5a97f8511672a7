import type { ComponentChildren } from 'preact';
import { useCallback, useRef, useState } from 'preact/hooks';
import { formatNumber } from '../../shared/i18n.js';
import { sayError } from '../../shared/texts.js';
import { Button, Icon } from '../../shared/ui/index.js';
import type { Chat } from '../state/chat.js';
import type { Target } from '../state/target.js';
import { Composer } from './composer.js';
import type { Conversation } from './conversation.js';
import { harmlessLine } from './markdown/harmless.js';
import { Members } from './members.js';
import type { MessageEntry } from './message-row.js';
import { t } from './texts.js';
import { TimelineView } from './timeline-view.js';
import { TypingLine } from './typing-line.js';
import './conversation.css';
import type { Ended } from './shown-conversation.js';

export interface ConversationViewProps {
  readonly chat: Chat<Conversation>;
  /** Give it a `key` of its target: each conversation has a view of its own. */
  readonly conversation: Conversation;
  readonly target?: Target;
  /** What stands before the title: a button back, on a phone. */
  readonly leading?: ComponentChildren;
  /** What stands at the end of the header. */
  readonly actions?: ComponentChildren;
  /** Shows a person. */
  readonly onUser: (userId: string) => void;
}

/** One conversation: who it is with, what was said, and what is to be said. */
export function ConversationView(props: ConversationViewProps) {
  const { chat, conversation, onUser } = props;
  const { target } = conversation;
  const endRef = useRef<() => void>(() => {});
  const [showsMembers, setShowsMembers] = useState(false);
  const name = nameOf(chat, conversation);
  const ended = conversation.ended.value;
  const mayRedact = useCallback(
    ({ message: { seq, sender_id } }: MessageEntry) =>
      target.kind === 'room' && seq !== undefined && chat.mayRedact(target.id, sender_id),
    [chat, target],
  );
  const mayWrite = ended === null && chat.may('send:message', target.kind === 'room' ? target.id : undefined);
  return (
    <section class={showsMembers ? 'conversation with-members' : 'conversation'} aria-label={name}>
      <Header {...props} name={name} membersShown={showsMembers} onMembers={() => setShowsMembers((shown) => !shown)} />
      <div class="conversation-main">
        <TimelineView
          conversation={conversation}
          empty={target.kind === 'room' ? t('emptyRoom') : t('emptyDirect', { name })}
          mayRedact={mayRedact}
          onUser={onUser}
          endRef={endRef}
        />
        {ended && <EndedNote ended={ended} onRetry={() => void conversation.open()} />}
        <footer>
          <TypingLine conversation={conversation} />
          <Composer conversation={conversation} disabled={!mayWrite} onSent={() => endRef.current()} />
        </footer>
      </div>
      {showsMembers && <Members conversation={conversation} onUser={onUser} onClose={() => setShowsMembers(false)} />}
    </section>
  );
}

interface HeaderProps extends ConversationViewProps {
  readonly name: string;
  readonly membersShown: boolean;
  readonly onMembers: () => void;
}

function Header({ chat, conversation, leading, actions, name, membersShown, onMembers }: HeaderProps) {
  const { target } = conversation;
  const count = conversation.memberCount.value;
  const topic = target.kind === 'room' ? topicOf(chat, target.id) : '';
  return (
    <header class="conversation-header">
      {leading}
      <div class="title">
        <h2 class="clip">
          <Icon name={target.kind === 'direct' ? 'person' : isPrivate(chat, target.id) ? 'lock' : 'hash'} />
          <span class="clip">{name}</span>
        </h2>
        {topic && (
          <p class="soft clip" title={topic}>
            {topic}
          </p>
        )}
      </div>
      {target.kind === 'room' && (
        <Button
          kind="quiet"
          icon="people"
          class="members-button"
          aria-label={t('membersButton', { count })}
          aria-expanded={membersShown}
          onClick={onMembers}
        >
          {formatNumber(count)}
        </Button>
      )}
      {actions}
    </header>
  );
}

const WHY = { kicked: 'endedKicked', banned: 'endedBanned', deleted: 'endedDeleted' } as const;

function EndedNote({ ended: { reason, error }, onRetry }: { readonly ended: Ended; readonly onRetry: () => void }) {
  const known = reason === 'kicked' || reason === 'banned' || reason === 'deleted' ? t(WHY[reason]) : null;
  return (
    <div class="ended" role="alert">
      <span>{known ?? (error ? sayError(error) : t('endedLeft'))}</span>
      {reason !== 'banned' && reason !== 'deleted' && <Button onClick={onRetry}>{t('enterAgain')}</Button>}
    </div>
  );
}

function isPrivate(chat: Chat<Conversation>, roomId: string): boolean {
  return chat.book.rooms.value.get(roomId)?.visibility === 'private';
}

function topicOf(chat: Chat<Conversation>, roomId: string): string {
  const topic = chat.rooms.value.find(({ room }) => room.id === roomId)?.room.metadata.topic;
  return typeof topic === 'string' ? harmlessLine(topic) : '';
}

function nameOf(chat: Chat<Conversation>, { target }: Conversation): string {
  const name =
    target.kind === 'room'
      ? chat.rooms.value.find(({ room }) => room.id === target.id)?.room.name
      : chat.directs.value.find(({ userId }) => userId === target.id)?.username;
  return harmlessLine(name ?? '') || target.id;
}
