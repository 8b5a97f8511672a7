import { createContext, createElement, type ReactNode, useContext, useMemo, useSyncExternalStore } from 'react';
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

const Context = createContext<HubbubClient | null>(null);

/** Gives a client to all below it; whoever made the client connects and closes it. */
export function HubbubProvider({ client, children }: { client: HubbubClient; children?: ReactNode }): ReactNode {
  return createElement(Context.Provider, { value: client }, children);
}

/** The client of the nearest HubbubProvider. @throws Error if there is none */
export function useHubbub(): HubbubClient {
  const client = useContext(Context);
  if (client === null) throw new Error('useHubbub is called outside of a HubbubProvider.');
  return client;
}

/** The state of the connection and who is signed in. */
export function useClientState(client: HubbubClient): ClientSnapshot {
  return useView(clientView(client));
}

export interface UsedRoom extends RoomSnapshot, Pick<RoomView, 'send' | 'loadOlder'> {}

/**
 * A room: joined while a component shows it, and left after the last one, once what was written there is stored. One that
 * the application has joined itself is shown and not left.
 */
export function useRoom(client: HubbubClient, roomId: string, options?: ViewOptions): UsedRoom {
  return useWith(roomView(client, roomId, options));
}

export interface UsedDirectMessages extends DirectSnapshot, Pick<DirectView, 'send' | 'loadOlder'> {}

/** The direct messages with another user: the latest, and what comes. */
export function useDirectMessages(client: HubbubClient, peerId: string): UsedDirectMessages {
  return useWith(directView(client, peerId));
}

function useView<T>(view: View<T>): T {
  return useSyncExternalStore(view.subscribe, view.get, view.get);
}

/** A snapshot together with what can be done: another object exactly when one of them is. */
function useWith<T, V extends View<T> & Pick<RoomView | DirectView, 'send' | 'loadOlder'>>(
  view: V & View<T>,
): T & Pick<V, 'send' | 'loadOlder'> {
  const snapshot = useView(view);
  return useMemo(() => ({ ...snapshot, send: view.send, loadOlder: view.loadOlder }), [snapshot, view]);
}
