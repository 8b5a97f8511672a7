import type { Api } from '../../shared/api.js';
import { t } from '../texts.js';
import { ask } from '../ui/act.js';

/** Asks whether to end one connection. */
export function askDisconnect(
  api: Api,
  { connection_id, user_id }: { readonly connection_id: string; readonly user_id: string | null },
  after: () => void,
): void {
  ask({
    title: t('disconnectOneTitle'),
    consequence: t('disconnectOneText', { connection: connection_id, user: user_id ?? t('anonymous') }),
    verb: t('disconnect'),
    run: () => api.delete(`/clients/${encodeURIComponent(connection_id)}`),
    after,
  });
}
