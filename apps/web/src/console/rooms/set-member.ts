import { useConsole } from '../state/console.js';
import { t as common } from '../texts.js';
import { ask } from '../ui/act.js';
import { t } from './texts.js';

/** For roles and bans, which services give too: `POST /api/commands/set_member`. */
export function useSetMember(roomId: string) {
  const { api } = useConsole();
  return (userId: string, role: 'moderator' | 'member' | 'banned' | 'none', reason = '') =>
    api.post('/commands/set_member', { room_id: roomId, user_id: userId, role, ...(reason && { reason }) });
}

export function askBan(
  userId: string,
  roomId: string,
  run: (reason: string) => Promise<unknown>,
  after: () => void,
): void {
  ask({
    title: t('banTitle', { user: userId, room: roomId }),
    consequence: t('banText'),
    verb: t('ban'),
    field: { label: common('reason') },
    run,
    after,
  });
}
