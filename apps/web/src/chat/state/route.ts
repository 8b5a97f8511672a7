import { type ReadonlySignal, signal } from '@preact/signals';
import { hashOf, type Target, targetOf } from './target.js';

/** What the main pane shows: a conversation, the list of all rooms, or (null) nothing yet: on a phone that is the list of one's own. */
export type Place = Target | { readonly kind: 'rooms' } | null;

export const ALL_ROOMS = '#/rooms';

/** The address in the address bar as a place; the back button of the browser goes back in it. */
export class Route {
  private readonly current = signal<Place>(placeOf(location.hash));
  private readonly heard = () => {
    this.current.value = placeOf(location.hash);
  };

  constructor() {
    addEventListener('hashchange', this.heard);
  }

  get place(): ReadonlySignal<Place> {
    return this.current;
  }

  /** @param replace without a step to go back */
  go(place: Place, replace = false): void {
    const hash = hashOfPlace(place);
    if (hash === location.hash) return;
    if (replace) history.replaceState(null, '', hash);
    else history.pushState(null, '', hash);
    this.heard();
  }

  dispose(): void {
    removeEventListener('hashchange', this.heard);
  }
}

function placeOf(hash: string): Place {
  return hash === ALL_ROOMS ? { kind: 'rooms' } : targetOf(hash);
}

function hashOfPlace(place: Place): string {
  return place?.kind === 'rooms' ? ALL_ROOMS : hashOf(place);
}
