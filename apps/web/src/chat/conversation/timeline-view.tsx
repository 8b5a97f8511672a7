import { useSignal } from '@preact/signals';
import type { ComponentChild, VNode } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { formatDay } from '../../shared/i18n.js';
import { sayError } from '../../shared/texts.js';
import { Button, Confirm, Spinner } from '../../shared/ui/index.js';
import { textOfContent } from './content.js';
import type { Conversation } from './conversation.js';
import type { Entry } from './entries.js';
import { harmlessLine } from './markdown/harmless.js';
import { type MessageEntry, MessageRow } from './message-row.js';
import { ScrollKeeper } from './scroll-keeper.js';
import { t } from './texts.js';

export interface TimelineViewProps {
  readonly conversation: Conversation;
  /** Said where there is no message yet. */
  readonly empty: string;
  readonly mayRedact: (entry: MessageEntry) => boolean;
  readonly onUser: (userId: string) => void;
  /** Is given what goes to the end. */
  readonly endRef: { current: () => void };
}

/** The messages of a conversation, one below the other: read upwards page by page, with the end in sight for whoever is there. */
export function TimelineView({ conversation, empty, mayRedact, onUser, endRef }: TimelineViewProps) {
  const { entries, hasNewer, loading, error, ready } = conversation;
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const keeper = useRef<ScrollKeeper | null>(null);
  const current = useSignal<string | null>(null);
  const stop = useSignal<string | null>(null);
  const following = useSignal(true);
  const lineSeen = useRef(false);
  const [redacting, setRedacting] = useState<MessageEntry | null>(null);

  const toEnd = async () => {
    if (hasNewer.peek()) await conversation.loadLatest();
    keeper.current?.toEnd();
  };
  endRef.current = () => void toEnd();

  useLayoutEffect(() => {
    const made = new ScrollKeeper(scroller.current as HTMLElement, content.current as HTMLElement, {
      hasEnd: () => !hasNewer.peek(),
      following: (isFollowing) => {
        following.value = isFollowing;
        conversation.follow(isFollowing);
      },
      near: (end) => {
        // After a failure somebody has to ask for it.
        if (error.peek() !== null || !ready.peek()) return;
        void (end === 'older' ? conversation.loadOlder() : conversation.loadNewer());
      },
    });
    keeper.current = made;
    return () => made.dispose();
  }, [conversation]);

  const drawn = useRef(entries.value);
  if (drawn.current !== entries.value) keeper.current?.capture();
  drawn.current = entries.value;
  useLayoutEffect(() => {
    const line = content.current?.querySelector('[data-line]');
    if (line && !lineSeen.current && keeper.current?.isFollowing) keeper.current.show(line);
    else keeper.current?.restore();
    lineSeen.current = line !== null && line !== undefined;
    conversation.follow(keeper.current?.isFollowing ?? true);
  }, [entries.value]);

  useSeen(conversation);

  const rows = useMemo(() => new WeakMap<Entry, VNode>(), [conversation, onUser, mayRedact]);
  const lastMessage = entries.value.findLast(({ type }) => type === 'message')?.key ?? null;
  if (!entries.peek().some(({ key }) => key === stop.peek())) stop.value = lastMessage;

  const onCurrent = (key: string) => {
    // The list of an open menu may lie over another message.
    if (!scroller.current?.querySelector('[role=menu]')) current.value = key;
  };
  const show = (entry: Entry): ComponentChild => {
    let row = rows.get(entry);
    if (row === undefined) {
      row =
        entry.type === 'message' ? (
          <MessageRow
            key={entry.key}
            {...{ entry, current, stop, mayRedact, onUser, onCurrent }}
            onRedact={setRedacting}
            onRetry={(key) => conversation.retry(key)}
            onDiscard={(key) => conversation.discard(key)}
          />
        ) : (
          <Mark key={entry.key} entry={entry} onRecover={(key) => void conversation.recover(key)} />
        );
      // The same node again is not compared again: what did not change costs nothing.
      rows.set(entry, row);
    }
    return row;
  };

  return (
    <div class="timeline">
      <div
        ref={scroller}
        class="timeline-scroller"
        onKeyDown={(event) => move(event, content.current, stop)}
        onPointerLeave={() => onCurrent('')}
      >
        <div class="timeline-top">
          <Top conversation={conversation} empty={empty} />
        </div>
        <div ref={content} class="timeline-content" role="log" aria-label={t('messages')} aria-live="off">
          {entries.value.map(show)}
        </div>
        {error.value && ready.value && (
          <p class="timeline-error" role="alert">
            {t('loadFailed', { why: sayError(error.value) })}
          </p>
        )}
        {loading.value === 'newer' && <Spinner label={t('connecting')} />}
      </div>
      {(!following.value || hasNewer.value) && ready.value && (
        <Pill conversation={conversation} onPress={endRef.current} />
      )}
      <Announcer conversation={conversation} />
      {redacting && (
        <Confirm
          title={t('redactTitle')}
          action={t('redact')}
          danger
          onConfirm={() => conversation.redact(redacting.message.seq as number)}
          onClose={() => setRedacting(null)}
        >
          <p>{t('redactBody')}</p>
          <blockquote class="redacting">{textOfContent(redacting.message.content).slice(0, 300)}</blockquote>
        </Confirm>
      )}
    </div>
  );
}

/** What is above the first message: more, or nothing. */
function Top({ conversation, empty }: Pick<TimelineViewProps, 'conversation' | 'empty'>) {
  const { ready, error, loading, hasOlder, entries } = conversation;
  if (!ready.value) return error.value ? null : <Spinner label={t('connecting')} />;
  if (loading.value === 'older') return <Spinner label={t('loadingOlder')} />;
  if (hasOlder.value) return <Button onClick={() => void conversation.loadOlder()}>{t('loadOlder')}</Button>;
  return <p class="soft">{entries.value.length === 0 ? empty : t('beginning')}</p>;
}

/** What stands between messages. */
function Mark({
  entry,
  onRecover,
}: {
  readonly entry: Exclude<Entry, MessageEntry>;
  onRecover: (key: string) => void;
}) {
  if (entry.type === 'day') {
    return (
      <div class="mark day">
        <span>{formatDay(entry.at)}</span>
      </div>
    );
  }
  if (entry.type === 'unread') {
    return (
      <div class="mark unread" data-line>
        <span>{t('newMessages')}</span>
      </div>
    );
  }
  const isFindable = entry.from !== undefined;
  const text = isFindable ? t('lost', { count: entry.missed }) : t(entry.missed > 0 ? 'lostGone' : 'lostUnknown');
  return (
    <div class="mark lost">
      <span>{text}</span>
      {isFindable && <Button onClick={() => onRecover(entry.key)}>{t('recover')}</Button>}
    </div>
  );
}

function Pill({ conversation: { missedBelow }, onPress }: { conversation: Conversation; onPress: () => void }) {
  const count = missedBelow.value;
  return (
    <Button
      class={count > 0 ? 'to-end' : 'to-end bare'}
      kind={count > 0 ? 'primary' : 'plain'}
      icon="down"
      aria-label={count > 0 ? undefined : t('toLatest')}
      onClick={onPress}
    >
      {count > 0 ? t('newBelow', { count }) : ''}
    </Button>
  );
}

/** Says what others write, when the reader is at leisure; pages of the history are not read out. */
function Announcer({ conversation }: { conversation: Conversation }) {
  const news = conversation.news.value;
  const name = news && harmlessLine(news.last.sender_name);
  return (
    <div class="unseen" role="status">
      {news === null || name === null
        ? ''
        : news.count === 1
          ? t('newFrom', { name, text: textOfContent(news.last.content).slice(0, 300) })
          : t('newSeveral', { count: news.count })}
    </div>
  );
}

/** Tells the conversation whether anybody can see it. */
function useSeen(conversation: Conversation): void {
  useEffect(() => {
    const look = () => conversation.setVisible(document.visibilityState === 'visible');
    look();
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [conversation]);
}

/** Arrows go from message to message; Tab stops at one of them only. */
function move(event: KeyboardEvent, content: HTMLElement | null, stop: { value: string | null }): void {
  const from = event.target as HTMLElement;
  if (!from.matches('.message')) return;
  const messages = [...(content?.querySelectorAll<HTMLElement>(':scope > .message') ?? [])];
  const at = messages.indexOf(from);
  const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: messages.length - 1 }[event.key];
  const next = to === undefined ? undefined : messages[to];
  if (next === undefined) return;
  event.preventDefault();
  stop.value = next.dataset.key ?? null;
  next.focus();
}
