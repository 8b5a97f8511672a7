import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Api } from '../../shared/api.js';
import { locale } from '../../shared/i18n.js';
import type { Session } from '../../shared/session.js';
import type { Settings } from '../../shared/settings.js';
import { makeFormats } from './formats.js';
import { type Route, readRoute } from './route.js';

/** What the views of one signed-in operator share. */
export interface Console {
  readonly settings: Settings;
  readonly session: Session;
  readonly api: Api;
}

const ConsoleContext = createContext<Console | null>(null);
export const ConsoleProvider = ConsoleContext.Provider;

export function useConsole(): Console {
  const found = useContext(ConsoleContext);
  if (found === null) throw new Error('There is no console around this view.');
  return found;
}

/** How figures are written in the language of the page, and in the reader's country where the browser says it: 14:05, not 2:05 PM. */
export const formats = computed(() => makeFormats(locale.value));

const current = signal<Route>(readRoute(location.hash));
addEventListener('hashchange', () => {
  current.value = readRoute(location.hash);
});
export const route: ReadonlySignal<Route> = current;

/** @param replace where going back should not come through here, as with each letter of a search */
export function goTo(hash: string, replace = false): void {
  if (hash === location.hash) return;
  if (!replace) {
    location.hash = hash;
    return;
  }
  history.replaceState(null, '', hash);
  current.value = readRoute(hash);
}
