import { Button } from '../../shared/ui/index.js';
import { formats, useConsole } from '../state/console.js';
import { usePages } from '../state/use-load.js';
import { t as common } from '../texts.js';
import { ask } from '../ui/act.js';
import { Moment, UserLink } from '../ui/links.js';
import { Loaded, Pager } from '../ui/loaded.js';
import { ACTS, Table } from '../ui/table.js';
import type { MembersAnswer } from './answers.js';
import { askBan, useSetMember } from './set-member.js';
import { t } from './texts.js';

const PAGE = 50;

export function RoomMembers({ roomId }: { roomId: string }) {
  const { api } = useConsole();
  const setMember = useSetMember(roomId);
  const f = formats.value;
  const path = `/rooms/${encodeURIComponent(roomId)}/members`;
  const pages = usePages<MembersAnswer>((cursor, signal) => api.get(path, { cursor, limit: PAGE }, signal), roomId);
  const refresh = () => void pages.poll.refresh();
  const kick = (user: string) =>
    ask({
      title: t('kickTitle', { user, room: roomId }),
      consequence: t('kickText'),
      verb: t('kick'),
      field: { label: common('reason') },
      run: (reason) => api.post('/commands/kick_member', { room_id: roomId, user_id: user, ...(reason && { reason }) }),
      after: refresh,
    });
  return (
    <Loaded poll={pages.poll}>
      {({ members }) => (
        <>
          <Table
            caption={t('members')}
            rows={members}
            keyOf={({ user_id }) => user_id}
            empty={t('nobodyIn')}
            columns={[
              {
                id: 'user',
                label: common('user'),
                cell: ({ user_id, username }) => <UserLink id={user_id} name={username} />,
              },
              {
                id: 'connections',
                label: t('connectionsOf'),
                isNumber: true,
                cell: (member) => f.count(member.connections),
              },
              { id: 'joined', label: t('joined'), cell: ({ joined_at }) => <Moment at={joined_at} /> },
              {
                id: ACTS,
                label: common('actions'),
                cell: ({ user_id }) => (
                  <span class="row-acts">
                    <Button kind="quiet" aria-label={`${t('kick')} ${user_id}`} onClick={() => kick(user_id)}>
                      {t('kick')}
                    </Button>
                    <Button
                      kind="quiet"
                      class="danger-text"
                      aria-label={`${t('ban')} ${user_id}`}
                      onClick={() => askBan(user_id, roomId, (reason) => setMember(user_id, 'banned', reason), refresh)}
                    >
                      {t('ban')}
                    </Button>
                  </span>
                ),
              },
            ]}
          />
          <Pager pages={pages} />
        </>
      )}
    </Loaded>
  );
}
