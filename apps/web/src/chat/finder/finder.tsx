import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Avatar, Dialog, Icon } from '../../shared/ui/index.js';
import { harmlessLine } from '../conversation/markdown/harmless.js';
import { usePage } from '../page.js';
import { userIdOf } from '../people/user-id.js';
import { t as page } from '../texts.js';
import { type Found, find } from './find.js';
import { t } from './texts.js';
import './finder.css';

/** Goes to any room or person by a few letters: what Ctrl+K opens. */
export function Finder() {
  const { chat, route, show } = usePage();
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  // A search of its own: the list of all rooms keeps what is being looked for there.
  const directory = useMemo(() => chat.newDirectory(), [chat]);
  useEffect(() => {
    const timer = setTimeout(() => void directory.search(query), 150);
    return () => clearTimeout(timer);
  }, [query, directory]);
  const entered = chat.rooms.value.map(({ room }) => room);
  const others = query.trim() === '' ? [] : [...chat.book.rooms.value.values()];
  const found = find(query, {
    entered,
    others,
    people: chat.known.value,
    idOf: (text) => userIdOf(text, { me: chat.me, known: chat.known.value }),
  });
  const current = Math.min(at, found.length - 1);
  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [current]);
  const choose = (one: Found | undefined) => {
    if (one === undefined) return;
    show(null);
    route.go(one.target);
  };
  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      if (found.length > 0) setAt((current + step + found.length) % found.length);
    } else if (event.key === 'Enter' && !event.isComposing) {
      event.preventDefault();
      choose(found[current]);
    }
  };
  return (
    <Dialog title={page('find')} onClose={() => show(null)}>
      <input
        class="finder-input"
        type="text"
        role="combobox"
        aria-label={page('find')}
        aria-expanded={found.length > 0}
        aria-controls="finder-list"
        aria-activedescendant={found.length > 0 ? `finder-${current}` : undefined}
        aria-autocomplete="list"
        placeholder={t('placeholder')}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        maxLength={128}
        autofocus
        value={query}
        onInput={(event) => {
          setQuery(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKey}
      />
      <p class="unseen" role="status">
        {query !== '' && t('count', { count: found.length })}
      </p>
      <ul id="finder-list" class="finder-list" role="listbox" aria-label={t('results')} ref={list}>
        {found.map((one, index) => (
          <li
            key={`${one.kind} ${one.target.id}`}
            id={`finder-${index}`}
            role="option"
            aria-selected={index === current}
            class="finder-line"
            onPointerMove={() => setAt(index)}
            onClick={() => choose(one)}
          >
            <Line found={one} />
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function Line({ found }: { found: Found }) {
  if (found.kind === 'room') {
    return (
      <>
        <span class="finder-mark">
          <Icon name={found.room.visibility === 'private' ? 'lock' : 'hash'} />
        </span>
        <span class="clip">{harmlessLine(found.room.name)}</span>
        <span class="soft finder-kind">{t('room')}</span>
      </>
    );
  }
  const { userId, username } = found.person;
  return (
    <>
      <span class="finder-mark">
        {found.kind === 'write' ? <Icon name="edit" /> : <Avatar userId={userId} name={username} size="small" />}
      </span>
      <span class="clip">{found.kind === 'write' ? t('write', { name: userId }) : harmlessLine(username)}</span>
      {found.kind === 'person' && <span class="soft finder-kind">{t('person')}</span>}
    </>
  );
}
