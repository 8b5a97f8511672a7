import {
  type ComputedRef,
  computed,
  type MaybeRefOrGetter,
  onScopeDispose,
  type ShallowRef,
  shallowRef,
  toValue,
  watch,
} from 'vue';
import type { HubbubClient } from './hubbub-client.js';
import {
  type ClientSnapshot,
  clientView,
  type DirectSnapshot,
  type DirectView,
  directView,
  type RoomSnapshot,
  type RoomView,
  roomView,
  type View,
  type ViewOptions,
} from './views.js';

export type { ClientSnapshot, DirectSnapshot, RoomSnapshot, ViewOptions } from './views.js';

type Refs<T> = { readonly [K in keyof T]: ComputedRef<T[K]> };

/** The state of the connection and who is signed in. */
export function useClientState(client: HubbubClient): Refs<ClientSnapshot> {
  return refsOf(useView(() => clientView(client)).snapshot);
}

export interface UsedRoom extends Refs<RoomSnapshot>, Pick<RoomView, 'send' | 'loadOlder'> {}

/**
 * A room: joined while a component shows it, and left after the last one, once what was written there is stored. One that
 * the application has joined itself is shown and not left. With another id it goes on in that room.
 */
export function useRoom(client: HubbubClient, roomId: MaybeRefOrGetter<string>, options?: ViewOptions): UsedRoom {
  const { snapshot, view } = useView(() => roomView(client, toValue(roomId), options));
  return {
    ...refsOf(snapshot),
    send: (content, more) => view().send(content, more),
    loadOlder: (limit) => view().loadOlder(limit),
  };
}

export interface UsedDirectMessages extends Refs<DirectSnapshot>, Pick<DirectView, 'send' | 'loadOlder'> {}

/** The direct messages with another user: the latest, and what comes. */
export function useDirectMessages(client: HubbubClient, peerId: MaybeRefOrGetter<string>): UsedDirectMessages {
  const { snapshot, view } = useView(() => directView(client, toValue(peerId)));
  return {
    ...refsOf(snapshot),
    send: (content, more) => view().send(content, more),
    loadOlder: (limit) => view().loadOlder(limit),
  };
}

/** Follows whichever view `view` gives, until the scope ends. */
function useView<T extends object, V extends View<T>>(
  view: () => V & View<T>,
): { snapshot: ShallowRef<T>; view: () => V } {
  const current = shallowRef(view());
  const snapshot = shallowRef(current.value.get()) as ShallowRef<T>;
  const follow = (followed: V, _former: unknown, onCleanup: (end: () => void) => void) => {
    const look = () => (snapshot.value = followed.get());
    onCleanup(followed.subscribe(look));
    look();
  };
  watch(view, (next) => (current.value = next), { flush: 'sync' });
  const stop = watch(current, follow as never, { immediate: true, flush: 'sync' });
  onScopeDispose(stop);
  return { snapshot, view: () => current.value as V };
}

function refsOf<T extends object>(snapshot: ShallowRef<T>): Refs<T> {
  const keys = Object.keys(snapshot.value) as (keyof T)[];
  return Object.fromEntries(keys.map((key) => [key, computed(() => snapshot.value[key])])) as Refs<T>;
}
