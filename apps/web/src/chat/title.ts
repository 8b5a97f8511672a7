import { useEffect } from 'preact/hooks';
import type { Chat } from './state/chat.js';
import type { Place } from './state/route.js';
import { t } from './texts.js';

/** Keeps the title of the window: where one is, and how much is unread. */
export function usePageTitle(chat: Chat, place: Place): void {
  const where = whereOf(chat, place);
  const title = where === '' ? t('appName') : `${where} · ${t('appName')}`;
  const count = chat.unread.value;
  const text = count > 0 ? t('unreadTitle', { count, title }) : title;
  useEffect(() => {
    document.title = text;
  }, [text]);
}

function whereOf(chat: Chat, place: Place): string {
  if (place === null) return '';
  if (place.kind === 'rooms') return t('allRooms');
  return place.kind === 'room' ? (chat.book.rooms.value.get(place.id)?.name ?? place.id) : chat.nameOf(place.id);
}
