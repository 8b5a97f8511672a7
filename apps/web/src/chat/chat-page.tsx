import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { whenIdle } from '../shared/idle.js';
import type { Settings } from '../shared/settings.js';
import { Icon, lazy, SkipLink } from '../shared/ui/index.js';
import { Banner } from './banner.js';
import './chat-page.css';
import type { Conversation } from './conversation/conversation.js';
import { useFocusOnPlace } from './focus.js';
import { Lists } from './lists/lists.js';
import { type Page, PageContext, type Shown, usePage } from './page.js';
import type { AllRoomsProps } from './rooms/all-rooms.js';
import type { DoorProps } from './rooms/door.js';
import type { Chat } from './state/chat.js';
import type { Place, Route } from './state/route.js';
import type { TalkProps } from './talk.js';
import { t } from './texts.js';
import { usePageTitle } from './title.js';

const Dialogs = lazy<{ shown: Shown }>(async () => (await import('./dialogs.js')).Dialogs);
const AllRooms = lazy<AllRoomsProps>(async () => (await import('./rooms/panes.js')).AllRooms);
const Door = lazy<DoorProps>(async () => (await import('./rooms/panes.js')).Door);
const Talk = lazy<TalkProps>(async () => (await import('./talk.js')).Talk);
/** Not on the screen from the beginning, most of them. */
const PARTS = [Talk, AllRooms, Door, Dialogs];

export interface ChatPageProps {
  readonly chat: Chat<Conversation>;
  readonly route: Route;
  readonly settings: Settings;
  /** Shown over the page: what has ended. */
  readonly children?: ComponentChildren;
}

/** The page of somebody who is signed in: lists beside the conversation, or one of both where there is no room. */
export function ChatPage({ chat, route, settings, children }: ChatPageProps) {
  const [shown, show] = useState<Shown | null>(null);
  const page = useMemo<Page>(() => ({ chat, route, settings, show }), [chat, route, settings]);
  const place = route.place.value;
  useEffect(() => {
    chat.selected.value = place === null || place.kind === 'rooms' ? null : place;
    if (place?.kind === 'direct') chat.people.start(place.id, chat.nameOf(place.id));
  }, [place]);
  useEffect(() => {
    const find = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'k' || event.shiftKey || event.altKey)
        return;
      event.preventDefault();
      show((now) => (now === null ? { kind: 'finder' } : now));
    };
    addEventListener('keydown', find);
    return () => removeEventListener('keydown', find);
  }, []);
  const isOpen = chat.connection.value.state === 'open';
  useEffect(() => {
    if (!isOpen) return;
    // Before somebody is offline who opens a dialog.
    return whenIdle(() => {
      for (const part of PARTS) part.preload();
    });
  }, [isOpen]);
  usePageTitle(chat, place);
  const main = useFocusOnPlace(place);
  return (
    <PageContext.Provider value={page}>
      <div class="page" data-pane={place === null ? 'lists' : 'main'}>
        <header class="page-banner">
          <SkipLink to={main} text={t('skip')} />
          <h1 class="unseen">{t('appName')}</h1>
          <Banner />
        </header>
        <Lists />
        <main id="main" class="page-main" ref={main} tabIndex={-1}>
          <Pane place={place} />
        </main>
      </div>
      {shown && <Dialogs shown={shown} />}
      {children}
    </PageContext.Provider>
  );
}

function Pane({ place }: { place: Place }) {
  const { chat } = usePage();
  const leading = <Back />;
  if (place === null || place.kind === 'rooms') return <AllRooms leading={place && leading} />;
  if (place.kind === 'room' && !chat.membership.has(place.id)) {
    return <Door key={place.id} roomId={place.id} leading={leading} />;
  }
  return <Talk key={`${place.kind} ${place.id}`} place={place} leading={leading} />;
}

/** On a phone: from the conversation to the lists. */
function Back() {
  return (
    <a class="icon-button back" href="#/" aria-label={t('back')} title={t('back')}>
      <Icon name="back" />
    </a>
  );
}
