import { Button } from '../../shared/ui/index.js';
import { t as common } from '../texts.js';
import { ask } from '../ui/act.js';
import { Badge } from '../ui/head.js';
import { UserLink } from '../ui/links.js';
import { ACTS, Table } from '../ui/table.js';
import type { GivenRole, RoomAnswer } from './answers.js';
import { useSetMember } from './set-member.js';
import { t } from './texts.js';

/** Who has which role in a room, banned ones among them. */
export function RoomRoles({ answer, refresh }: { answer: RoomAnswer; refresh: () => void }) {
  const { room, roles, roles_more } = answer;
  const setMember = useSetMember(room.id);
  const take = (user: string, role: GivenRole) => {
    const isBan = role === 'banned';
    ask({
      title: t(isBan ? 'unbanTitle' : 'takeTitle', { user, room: room.id }),
      consequence: isBan ? t('unbanText') : t('takeText', { role: common(role) }),
      verb: t(isBan ? 'unban' : 'takeRole'),
      danger: !isBan,
      run: () => setMember(user, 'none'),
      after: refresh,
    });
  };
  const promote = (user: string) =>
    ask({
      title: t('moderatorTitle', { user, room: room.id }),
      consequence: t('moderatorText'),
      verb: t('makeModerator'),
      danger: false,
      run: () => setMember(user, 'moderator'),
      after: refresh,
    });
  return (
    <>
      <Table
        caption={t('roles')}
        rows={roles}
        keyOf={({ user_id }) => user_id}
        empty={t('noRoles')}
        columns={[
          { id: 'user', label: common('user'), cell: ({ user_id }) => <UserLink id={user_id} /> },
          {
            id: 'role',
            label: common('role'),
            cell: ({ role }) => <Badge tone={role === 'banned' ? 'danger' : 'quiet'}>{common(role)}</Badge>,
          },
          {
            id: ACTS,
            label: common('actions'),
            cell: ({ user_id, role }) => (
              <span class="row-acts">
                <Button
                  kind="quiet"
                  aria-label={`${t(role === 'banned' ? 'unban' : 'takeRole')} ${user_id}`}
                  onClick={() => take(user_id, role)}
                >
                  {t(role === 'banned' ? 'unban' : 'takeRole')}
                </Button>
                {role === 'member' && (
                  <Button kind="quiet" aria-label={`${t('makeModerator')} ${user_id}`} onClick={() => promote(user_id)}>
                    {t('makeModerator')}
                  </Button>
                )}
              </span>
            ),
          },
        ]}
      />
      {roles_more && <p class="soft">{t('moreRoles')}</p>}
    </>
  );
}
