import { toast } from '../shared/ui/index.js';
import { harmlessLine } from './conversation/markdown/harmless.js';
import { snippetOf } from './lists/snippet.js';
import type { News } from './state/news.js';
import { t } from './texts.js';

/** Says what has happened to somebody without his doing. */
export function tellNews(news: News): void {
  switch (news.kind) {
    case 'invited':
      return toast(t('invitedTo', { room: news.room.name }));
    case 'role':
      return toast(t(news.role === 'moderator' ? 'roleModerator' : 'roleOther', { room: news.name }));
    case 'direct':
      return toast(t('messageFrom', { name: news.name }));
    case 'broadcast':
      return toast(t('announcement', { text: snippetOf(news.message) }), 'alert');
    case 'out':
      return toast(sayOut(news), 'alert');
  }
}

function sayOut({ reason, name: room, why: given }: News & { kind: 'out' }): string {
  const why = given && harmlessLine(given);
  switch (reason) {
    case 'kicked':
      return why ? t('kickedBecause', { room, why }) : t('kickedFrom', { room });
    case 'banned':
      return why ? t('bannedBecause', { room, why }) : t('bannedFrom', { room });
    case 'deleted':
      return t('deleted', { room });
    case 'taken_out':
      return t('kickedFrom', { room });
    case 'asked':
    case 'refused':
      return t('noEntry', { room });
  }
}
