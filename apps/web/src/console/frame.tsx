import type { ComponentType } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { LANGUAGES, type Language, language, setLanguage } from '../shared/i18n.js';
import { whenIdle } from '../shared/idle.js';
import { setTheme, type Theme, theme } from '../shared/theme.js';
import { Button, Dialog, IconButton, lazy, Select, SkipLink } from '../shared/ui/index.js';
import { OverviewView } from './overview/overview-view.js';
import { route, useConsole } from './state/console.js';
import { routeTo } from './state/route.js';
import { type CommonText, t } from './texts.js';

interface ViewSpec {
  readonly id: CommonText;
  readonly list: ComponentType;
  /** Of one thing of the list. */
  readonly one?: ComponentType<{ id: string }>;
}

const views = () => import('./views.js');
const later = <P extends object>(pick: (all: Awaited<ReturnType<typeof views>>) => ComponentType<P>) =>
  lazy(async () => pick(await views()));

/** The first one is what an operator comes for, and there at once. */
const VIEWS: readonly [ViewSpec, ...ViewSpec[]] = [
  { id: 'overview', list: OverviewView },
  {
    id: 'rooms',
    list: later((all) => all.RoomsView),
    one: later((all) => all.RoomView),
  },
  {
    id: 'users',
    list: later((all) => all.UsersView),
    one: later((all) => all.UserView),
  },
  { id: 'connections', list: later((all) => all.ConnectionsView) },
  { id: 'explain', list: later((all) => all.ExplainView) },
  { id: 'tap', list: later((all) => all.TapView) },
  { id: 'broadcast', list: later((all) => all.BroadcastView) },
  { id: 'audit', list: later((all) => all.AuditView) },
  { id: 'config', list: later((all) => all.ConfigView) },
];

/** Navigation, and the view that the address names. */
export function Frame() {
  const [first, id] = route.value.path;
  const view = VIEWS.find((one) => one.id === first) ?? VIEWS[0];
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  // Before the gateway is gone whose last state somebody wants to look at.
  useEffect(() => whenIdle(() => void views().catch(() => {})), []);
  useEffect(() => {
    document.title = `${id ?? t(view.id)} · ${t('console')} · Hubbub`;
    // Who goes to another view by keyboard or reader begins at its top.
    if (!isFirst.current) main.current?.focus({ preventScroll: true });
    isFirst.current = false;
    main.current?.scrollTo(0, 0);
  }, [view, id]);
  const View = view.list;
  return (
    <div class="frame">
      <SkipLink to={main} text={t('skip')} />
      <Navigation current={view.id} />
      <main ref={main} id="main" tabIndex={-1}>
        <div class="view">{id !== undefined && view.one ? <view.one key={id} id={id} /> : <View key={view.id} />}</div>
      </main>
    </div>
  );
}

function Navigation({ current }: { readonly current: CommonText }) {
  const { session, settings } = useConsole();
  const [isOpen, setOpen] = useState(false);
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [current]);
  return (
    <header class="side">
      <p class="brand">
        <strong>Hubbub</strong> <span class="soft">{t('console')}</span>
      </p>
      <nav aria-label={t('views')}>
        <ul ref={list}>
          {VIEWS.map(({ id }) => (
            <li key={id}>
              <a href={routeTo([id])} aria-current={id === current ? 'page' : undefined}>
                {t(id)}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div class="side-foot">
        <span class="soft clip side-name" title={session.username}>
          {session.username}
          {settings.version && <span class="number"> · {settings.version}</span>}
        </span>
        <IconButton icon="settings" label={t('settings')} onClick={() => setOpen(true)} />
      </div>
      {isOpen && <Preferences onClose={() => setOpen(false)} />}
    </header>
  );
}

function Preferences({ onClose }: { onClose: () => void }) {
  const { session } = useConsole();
  return (
    <Dialog title={t('settings')} size="small" onClose={onClose}>
      <Select
        label={t('language')}
        value={language.value}
        options={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
        onValue={(value) => setLanguage(value as Language)}
      />
      <Select
        label={t('theme')}
        value={theme.value}
        options={(['system', 'light', 'dark'] as const).map((value) => ({ value, label: t(value) }))}
        onValue={(value) => setTheme(value as Theme)}
      />
      <p class="soft">{t('account', { name: session.username })}</p>
      <Button icon="leave" onClick={() => void session.logout()}>
        {t('signOut')}
      </Button>
    </Dialog>
  );
}
