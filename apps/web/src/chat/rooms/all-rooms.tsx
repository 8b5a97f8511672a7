import type { Room } from '@hubbub/protocol';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { sayError, sharedTexts } from '../../shared/texts.js';
import { Button, Icon, IconButton, Spinner, toast } from '../../shared/ui/index.js';
import { harmlessLine } from '../conversation/markdown/harmless.js';
import { usePage } from '../page.js';
import './rooms.css';
import { topicOf } from './room-form.js';
import { t } from './texts.js';

/** How often the list is read anew while it is looked at: rooms that others make are not pushed to those outside. */
const REFRESH_MS = 15_000;
const SEARCH_AFTER_MS = 200;

export interface AllRoomsProps {
  readonly leading?: ComponentChildren;
}

/** All rooms that this person may see: to look around, search, and enter. */
export function AllRooms({ leading }: AllRoomsProps) {
  const { chat, show } = usePage();
  const { directory } = chat;
  const [query, setQuery] = useState(directory.query.value);
  const shown = directory.shown.value;
  useEffect(() => {
    const timer = setTimeout(() => void directory.search(query), SEARCH_AFTER_MS);
    return () => clearTimeout(timer);
  }, [query]);
  useEffect(() => {
    const refresh = () => {
      if (document.visibilityState === 'visible') void directory.refresh();
    };
    if (!directory.isEmptyYet) refresh();
    const timer = setInterval(refresh, REFRESH_MS);
    document.addEventListener('visibilitychange', refresh);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', refresh);
      void directory.search('');
    };
  }, []);
  const mayCreate = chat.may('create:room');
  const create = (name?: string) => show({ kind: 'create-room', ...(name && { name }) });
  const text = directory.query.value.trim();
  return (
    <section class="all-rooms" aria-label={t('all')}>
      <header class="pane-head">
        {leading}
        <h2 class="clip">{t('all')}</h2>
        {mayCreate && (
          <Button kind="primary" icon="add" onClick={() => create()}>
            {t('create')}
          </Button>
        )}
      </header>
      <div class="room-search">
        <Icon name="search" />
        <input
          type="search"
          aria-label={t('search')}
          placeholder={t('searchHint')}
          autocomplete="off"
          spellcheck={false}
          value={query}
          onInput={(event) => setQuery(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape' || query === '') return;
            setQuery('');
            event.stopPropagation();
          }}
        />
        {query !== '' && <IconButton icon="close" label={sharedTexts('close')} onClick={() => setQuery('')} />}
      </div>
      <div class="room-list">
        <p class="unseen" role="status">
          {!directory.isEmptyYet && t('count', { count: shown.length })}
        </p>
        <ul>
          {shown.map((room) => (
            <RoomCard key={room.id} room={room} />
          ))}
        </ul>
        {shown.length === 0 && !directory.isEmptyYet && (
          <div class="empty">
            <Icon name="chat" class="empty-icon" />
            <h3>{text === '' ? t('none') : t('nothing', { query: text })}</h3>
            {(mayCreate || text !== '') && <p class="soft">{text === '' ? t('noneHint') : t('nothingHint')}</p>}
            {mayCreate && (
              <Button kind="primary" icon="add" onClick={() => create(text)}>
                {text === '' ? t('create') : t('createNamed', { name: text })}
              </Button>
            )}
          </div>
        )}
        <More />
      </div>
    </section>
  );
}

/** The next page comes when its place is scrolled to, or the button is pressed. */
function More() {
  const { chat } = usePage();
  const { directory } = chat;
  const mark = useRef<HTMLDivElement>(null);
  const error = directory.error.value;
  const count = directory.shown.value.length;
  useEffect(() => {
    if (mark.current === null || error !== null) return;
    const seen = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting) void directory.more();
    });
    seen.observe(mark.current);
    return () => seen.disconnect();
  }, [error, count, directory.hasMore]);
  if (error !== null && directory.isEmptyYet) {
    return (
      <div class="empty" role="alert">
        <p>{sayError(error)}</p>
        <Button onClick={() => void directory.more()}>{sharedTexts('retry')}</Button>
      </div>
    );
  }
  if (!directory.hasMore) return null;
  return (
    <div ref={mark} class="more-rooms">
      {directory.isLoading.value || directory.isEmptyYet ? (
        <Spinner label={sharedTexts('loading')} />
      ) : (
        <Button onClick={() => void directory.more()}>{t('loadMore')}</Button>
      )}
    </div>
  );
}

function RoomCard({ room }: { room: Room }) {
  const { chat, route } = usePage();
  const [busy, setBusy] = useState(false);
  const isEntered = chat.membership.has(room.id);
  const isFull = room.max_clients > 0 && room.member_count >= room.max_clients;
  const topic = topicOf(room.metadata);
  const name = harmlessLine(room.name);
  const open = async () => {
    setBusy(true);
    try {
      await chat.membership.enter(room.id);
      route.go({ kind: 'room', id: room.id });
    } catch (error) {
      toast(sayError(error), 'alert');
    } finally {
      setBusy(false);
    }
  };
  return (
    <li class="room-card">
      <span class="room-mark" aria-hidden="true">
        <Icon name={room.visibility === 'private' ? 'lock' : 'hash'} />
      </span>
      <div class="room-text">
        <h3 class="clip">{name}</h3>
        {topic && <p class="clip">{topic}</p>}
        <p class="soft room-facts">
          {room.visibility === 'private' && `${t('private')} · `}
          {sayCount(room)}
        </p>
      </div>
      <Button
        kind={isEntered ? 'plain' : 'primary'}
        busy={busy}
        disabled={isFull && !isEntered}
        aria-label={`${isEntered ? t('open') : isFull ? t('full') : t('enter')}: ${name}`}
        onClick={() => void open()}
      >
        {isEntered ? t('open') : isFull ? t('full') : t('enter')}
      </Button>
    </li>
  );
}

export function sayCount({ member_count, max_clients }: Room): string {
  if (member_count === 0) return t('nobody');
  return max_clients > 0 && member_count * 2 >= max_clients
    ? t('membersOf', { count: member_count, max: max_clients })
    : t('members', { count: member_count });
}
