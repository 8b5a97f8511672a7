import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Settings } from '../shared/settings.js';
import type { Conversation } from './conversation/conversation.js';
import type { Chat } from './state/chat.js';
import type { Route } from './state/route.js';

/** A dialog over the page. */
export type Shown =
  | { readonly kind: 'create-room'; readonly name?: string }
  | { readonly kind: 'new-direct' }
  | { readonly kind: 'finder' }
  | { readonly kind: 'status' }
  | { readonly kind: 'settings' }
  | { readonly kind: 'sign-out' }
  /** `roomId`: where he was met, which decides what may be done to him. */
  | { readonly kind: 'person'; readonly userId: string; readonly roomId?: string };

/** What the parts of the page share. */
export interface Page {
  readonly chat: Chat<Conversation>;
  readonly route: Route;
  readonly settings: Settings;
  readonly show: (dialog: Shown | null) => void;
}

export const PageContext = createContext<Page | null>(null);

export function usePage(): Page {
  const page = useContext(PageContext);
  if (page === null) throw new Error('usePage is for what is shown inside of the page.');
  return page;
}
