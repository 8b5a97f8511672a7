import type { Room } from '@hubbub/protocol';
import type { ComponentChildren } from 'preact';
import { Avatar, Button, Icon, IconButton } from '../../shared/ui/index.js';
import { usePage } from '../page.js';
import { ProfileMenu } from '../profile/profile-menu.js';
import type { DirectEntry, RoomEntry } from '../state/entries.js';
import { ALL_ROOMS, type Place } from '../state/route.js';
import { hashOf, isSame, type Target } from '../state/target.js';
import { t } from '../texts.js';
import { Entry } from './entry.js';
import './lists.css';
import { snippetOf } from './snippet.js';

/** The person's own rooms and direct messages, beside the conversation; on a phone, a pane of their own. */
export function Lists() {
  const { chat, route, show } = usePage();
  const place = route.place.value;
  const rooms = chat.rooms.value;
  const directs = chat.directs.value;
  const invitations = chat.invitations.value;
  return (
    <nav class="lists" aria-label={t('lists')} onKeyDown={moveInLists}>
      <header class="lists-head">
        <ProfileMenu />
      </header>
      <div class="lists-find">
        <Button class="finder-button" icon="search" onClick={() => show({ kind: 'finder' })}>
          {t('find')}
        </Button>
      </div>
      <div class="lists-body">
        {invitations.length > 0 && (
          <Section title={t('invitations')}>
            {invitations.map((room) => (
              <RoomLine key={room.id} entry={invited(room)} place={place} />
            ))}
          </Section>
        )}
        <Section
          title={t('rooms')}
          action={
            chat.may('create:room') && (
              <IconButton icon="add" label={t('createRoom')} onClick={() => show({ kind: 'create-room' })} />
            )
          }
        >
          {rooms.map((entry) => (
            <RoomLine key={entry.room.id} entry={entry} place={place} />
          ))}
          {rooms.length === 0 && <NoRooms />}
          <li>
            <a class="entry" href={ALL_ROOMS} aria-current={place?.kind === 'rooms' ? 'page' : undefined}>
              <span class="entry-mark" aria-hidden="true">
                <Icon name="menu" />
              </span>
              <span class="entry-text">{t('allRooms')}</span>
            </a>
          </li>
        </Section>
        <Section
          title={t('directs')}
          action={<IconButton icon="add" label={t('newDirect')} onClick={() => show({ kind: 'new-direct' })} />}
        >
          {directs.map((entry) => (
            <DirectLine key={entry.userId} entry={entry} place={place} />
          ))}
          {directs.length === 0 && <li class="lists-empty">{t('noDirects')}</li>}
        </Section>
      </div>
    </nav>
  );
}

/** What a stranger can do first. */
function NoRooms() {
  const { chat, show } = usePage();
  return (
    <li class="lists-empty">
      <p>{t(chat.may('create:room') ? 'noRooms' : 'noRoomsOnly')}</p>
      {chat.may('create:room') && (
        <Button kind="primary" icon="add" onClick={() => show({ kind: 'create-room' })}>
          {t('createRoom')}
        </Button>
      )}
    </li>
  );
}

function Section({
  title,
  action,
  children,
}: {
  title: string;
  action?: ComponentChildren;
  children: ComponentChildren;
}) {
  return (
    <section class="lists-section" aria-label={title}>
      <header>
        <h2>{title}</h2>
        {action}
      </header>
      <ul>{children}</ul>
    </section>
  );
}

function RoomLine({ entry: { room, unread }, place }: { entry: RoomEntry; place: Place }) {
  const target: Target = { kind: 'room', id: room.id };
  const isPrivate = room.visibility === 'private';
  return (
    <Entry
      href={hashOf(target)}
      name={room.name}
      isSelected={isTarget(place, target)}
      unread={unread}
      mark={<Icon name={isPrivate ? 'lock' : 'hash'} />}
      spoken={isPrivate ? t('private') : undefined}
    />
  );
}

function DirectLine({ entry, place }: { entry: DirectEntry; place: Place }) {
  const { chat } = usePage();
  const target: Target = { kind: 'direct', id: entry.userId };
  const status = chat.statusOf(entry.userId)?.status;
  return (
    <Entry
      href={hashOf(target)}
      name={entry.username}
      isSelected={isTarget(place, target)}
      unread={entry.unread}
      mark={<Avatar userId={entry.userId} name={entry.username} status={status} size="small" />}
      below={entry.last === null ? undefined : snippetOf(entry.last.content)}
      spoken={status && t(status)}
    />
  );
}

function isTarget(place: Place, target: Target): boolean {
  return place !== null && place.kind !== 'rooms' && isSame(place, target);
}

function invited(room: Room): RoomEntry {
  return { room, entered: false, unread: 0, role: 'invited' };
}

/** Arrows go from line to line, over the ends of the sections. */
function moveInLists(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined || !(event.currentTarget instanceof HTMLElement)) return;
  const lines = [...event.currentTarget.querySelectorAll<HTMLElement>('.entry')];
  const at = lines.indexOf(document.activeElement as HTMLElement);
  if (at < 0) return;
  event.preventDefault();
  lines[(at + step + lines.length) % lines.length]?.focus();
}
