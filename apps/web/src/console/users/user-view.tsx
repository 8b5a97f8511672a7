import { Button } from '../../shared/ui/index.js';
import { askDisconnect } from '../connections/disconnect.js';
import type { GivenRole } from '../rooms/answers.js';
import { formats, useConsole } from '../state/console.js';
import { routeTo } from '../state/route.js';
import { useLoad } from '../state/use-load.js';
import { t as common } from '../texts.js';
import { ask } from '../ui/act.js';
import { Disclosure } from '../ui/disclosure.js';
import { Badge, Facts, Head } from '../ui/head.js';
import { Moment, RoomLink, ShortId } from '../ui/links.js';
import { Loaded, Unconfirmed } from '../ui/loaded.js';
import { ACTS, Table } from '../ui/table.js';
import { t } from './texts.js';

interface UserConnection {
  readonly connection_id: string;
  readonly node_id: string;
  readonly rooms: readonly string[];
  readonly connected_at: number;
  readonly remote_address: string;
  readonly permissions: readonly string[];
  readonly expires_at?: number;
  readonly queue_bytes: number;
}

/** `GET /api/operator/users/:id`. */
interface UserAnswer {
  readonly user_id: string;
  readonly username?: string;
  readonly known: boolean;
  readonly connections: readonly UserConnection[];
  readonly connections_more: boolean;
  readonly owned_rooms: number;
  readonly roles: readonly { readonly room_id: string; readonly role: GivenRole }[];
  readonly roles_more: boolean;
  readonly unconfirmed?: readonly string[];
}

/** One user: where connected, what each connection may do, roles, and what can be done about it. */
export function UserView({ id }: { id: string }) {
  const { api } = useConsole();
  const poll = useLoad<UserAnswer>(
    (signal) => api.get(`/operator/users/${encodeURIComponent(id)}`, {}, signal),
    id,
    5000,
  );
  const refresh = () => void poll.refresh();
  return (
    <>
      <UserHead id={id} answer={poll.data.value} refresh={refresh} />
      <Loaded poll={poll}>{(answer) => <Shown answer={answer} refresh={refresh} />}</Loaded>
    </>
  );
}

function UserHead({ id, answer, refresh }: { id: string; answer: UserAnswer | null; refresh: () => void }) {
  const { api } = useConsole();
  const count = answer?.connections.length ?? 0;
  const state = answer === null ? null : count > 0 ? 'online' : answer.known ? 'offline' : 'unknown';
  const disconnect = () =>
    ask({
      title: t('disconnectTitle', { user: id }),
      consequence: t('disconnectText', { count }),
      verb: t('disconnectAll'),
      run: () => api.post('/commands/disconnect_user', { user_id: id }),
      after: refresh,
    });
  const revoke = () =>
    ask({
      title: t('revokeTitle', { user: id }),
      consequence: t('revokeText'),
      verb: t('revoke'),
      typed: id,
      run: () => api.delete(`/users/${encodeURIComponent(id)}/sessions`),
      after: refresh,
    });
  const ban = () =>
    ask({
      title: t('banTitle', { user: id }),
      consequence: t('banText'),
      verb: common('apply'),
      field: { label: t('room'), required: true },
      run: (room_id) => api.post('/commands/set_member', { room_id, user_id: id, role: 'banned' }),
      after: refresh,
    });
  return (
    <Head
      title={
        <>
          <span class="id">{id}</span> {state && <Badge tone={state === 'online' ? 'good' : 'quiet'}>{t(state)}</Badge>}
        </>
      }
      about={answer?.username === id ? undefined : answer?.username}
    >
      <a class="button plain" href={routeTo(['explain'], { user: id })}>
        {t('explain')}
      </a>
      <a class="button plain" href={routeTo(['tap'], { user: id })}>
        {common('tap')}
      </a>
      <Button icon="ban" onClick={ban}>
        {t('ban')}
      </Button>
      <Button onClick={disconnect} disabled={count === 0}>
        {t('disconnectAll')}
      </Button>
      <Button kind="danger" onClick={revoke}>
        {t('revoke')}
      </Button>
    </Head>
  );
}

function Shown({ answer, refresh }: { answer: UserAnswer; refresh: () => void }) {
  const { api } = useConsole();
  const f = formats.value;
  const { user_id, known, connections, connections_more, owned_rooms, roles, roles_more, unconfirmed } = answer;
  return (
    <>
      <Unconfirmed nodes={unconfirmed} />
      {!known && <p class="notice">{t('unknownText')}</p>}
      <Facts
        facts={[
          [common('connections'), f.count(connections.length)],
          [t('rooms'), f.count(new Set(connections.flatMap(({ rooms }) => rooms)).size)],
          [t('owned'), f.count(owned_rooms)],
          [t('rolesIn'), f.count(roles.length)],
        ]}
      />
      <h2>{common('connections')}</h2>
      <Table
        caption={common('connections')}
        rows={connections}
        keyOf={({ connection_id }) => connection_id}
        empty={t('notConnected')}
        columns={[
          { id: 'id', label: common('connection'), cell: ({ connection_id }) => <ShortId id={connection_id} /> },
          { id: 'node', label: common('node'), cell: ({ node_id }) => <span class="id">{node_id}</span> },
          { id: 'since', label: common('since'), cell: ({ connected_at }) => <Moment at={connected_at} /> },
          { id: 'address', label: common('address'), cell: ({ remote_address }) => remote_address },
          { id: 'rooms', label: t('rooms'), cell: ({ rooms }) => <RoomLinks ids={rooms} /> },
          {
            id: 'grants',
            label: common('permissions'),
            cell: ({ permissions }) => <Grants permissions={permissions} />,
          },
          {
            id: 'expires',
            label: t('expires'),
            cell: ({ expires_at }) => (expires_at === undefined ? '–' : <Moment at={expires_at} />),
          },
          { id: 'queue', label: t('queue'), isNumber: true, cell: ({ queue_bytes }) => f.bytes(queue_bytes) },
          {
            id: ACTS,
            label: common('actions'),
            cell: ({ connection_id }) => (
              <Button
                kind="quiet"
                class="danger-text"
                onClick={() => askDisconnect(api, { connection_id, user_id }, refresh)}
              >
                {common('disconnect')}
              </Button>
            ),
          },
        ]}
      />
      {connections_more && <p class="soft">{t('moreConnections')}</p>}
      <h2>{t('rolesIn')}</h2>
      <Table
        caption={t('rolesIn')}
        rows={roles}
        keyOf={({ room_id }) => room_id}
        empty={t('noRoles')}
        columns={[
          { id: 'room', label: common('room'), cell: ({ room_id }) => <RoomLink id={room_id} /> },
          {
            id: 'role',
            label: common('role'),
            cell: ({ role }) => <Badge tone={role === 'banned' ? 'danger' : 'quiet'}>{common(role)}</Badge>,
          },
        ]}
      />
      {roles_more && <p class="soft">{t('moreRoles')}</p>}
    </>
  );
}

const SHOWN_ROOMS = 3;

/** A connection may be in 128 rooms: the others are behind a click. */
export function RoomLinks({ ids }: { readonly ids: readonly string[] }) {
  if (ids.length <= SHOWN_ROOMS) return <Links ids={ids} />;
  return (
    <Disclosure summary={formats.value.count(ids.length)} label={`${t('rooms')}: ${ids.length}`}>
      {() => (
        <div class="wrap">
          <Links ids={ids} />
        </div>
      )}
    </Disclosure>
  );
}

function Links({ ids }: { readonly ids: readonly string[] }) {
  return (
    <span class="badges">
      {ids.map((id) => (
        <RoomLink key={id} id={id} />
      ))}
    </span>
  );
}

function Grants({ permissions }: { readonly permissions: readonly string[] }) {
  const count = permissions.length;
  return (
    <Disclosure summary={formats.value.count(count)} label={`${t('grants')}: ${count}`}>
      {() =>
        count === 0 ? (
          <p class="soft">{t('noGrants')}</p>
        ) : (
          <ul>
            {permissions.map((permission) => (
              <li key={permission}>
                <code>{permission}</code>
              </li>
            ))}
          </ul>
        )
      }
    </Disclosure>
  );
}
