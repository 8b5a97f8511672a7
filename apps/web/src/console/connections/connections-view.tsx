import { useState } from 'preact/hooks';
import { Button, Field } from '../../shared/ui/index.js';
import { goTo, route, useConsole } from '../state/console.js';
import { routeTo } from '../state/route.js';
import { usePages } from '../state/use-load.js';
import { t as common } from '../texts.js';
import { Head } from '../ui/head.js';
import { Moment, ShortId, UserLink } from '../ui/links.js';
import { Loaded, Pager, Unconfirmed } from '../ui/loaded.js';
import { ACTS, Table } from '../ui/table.js';
import { RoomLinks } from '../users/user-view.js';
import { askDisconnect } from './disconnect.js';
import { t } from './texts.js';

const PAGE = 100;

/** `GET /api/clients`. */
interface ClientsAnswer {
  readonly total_clients: number;
  readonly clients: readonly {
    readonly connection_id: string;
    readonly user_id: string | null;
    readonly node_id: string;
    readonly rooms: readonly string[];
    readonly connected_at: number;
    readonly remote_address: string;
  }[];
  readonly next_cursor?: string;
  readonly unconfirmed?: readonly string[];
}

/** All connections of the cluster by pages, or those of one user. */
export function ConnectionsView() {
  const { api } = useConsole();
  const user = route.value.query['user'] ?? '';
  const [typed, setTyped] = useState(user);
  const pages = usePages<ClientsAnswer>(
    (cursor, signal) => api.get('/clients', { user_id: user || undefined, cursor, limit: PAGE }, signal),
    user,
  );
  const count = pages.poll.data.value?.total_clients;
  return (
    <>
      <Head
        title={common('connections')}
        about={count === undefined ? '\u00a0' : t(user === '' ? 'all' : 'ofUser', { count })}
      >
        <form
          class="filters"
          role="search"
          onSubmit={(event) => {
            event.preventDefault();
            goTo(routeTo(['connections'], { user: typed }));
          }}
        >
          <Field
            label={t('filter')}
            type="search"
            value={typed}
            maxLength={128}
            spellcheck={false}
            autocapitalize="none"
            autocomplete="off"
            onValue={(value) => {
              setTyped(value);
              if (value === '') goTo(routeTo(['connections']));
            }}
          >
            <Button type="submit" icon="search">
              {common('search')}
            </Button>
          </Field>
        </form>
        <Button icon="refresh" onClick={() => void pages.poll.refresh()}>
          {common('refresh')}
        </Button>
      </Head>
      <Loaded poll={pages.poll}>
        {({ clients, unconfirmed }) => (
          <>
            <Unconfirmed nodes={unconfirmed} />
            <Table
              caption={common('connections')}
              rows={clients}
              keyOf={({ connection_id }) => connection_id}
              empty={t('none')}
              columns={[
                { id: 'id', label: common('connection'), cell: ({ connection_id }) => <ShortId id={connection_id} /> },
                { id: 'user', label: common('user'), cell: ({ user_id }) => <UserLink id={user_id} /> },
                { id: 'node', label: common('node'), cell: ({ node_id }) => <span class="id">{node_id}</span> },
                { id: 'since', label: common('since'), cell: ({ connected_at }) => <Moment at={connected_at} /> },
                { id: 'address', label: common('address'), cell: ({ remote_address }) => remote_address },
                { id: 'rooms', label: t('rooms'), cell: ({ rooms }) => <RoomLinks ids={rooms} /> },
                {
                  id: ACTS,
                  label: common('actions'),
                  cell: (client) => (
                    <Button
                      kind="quiet"
                      class="danger-text"
                      aria-label={`${common('disconnect')} ${client.connection_id}`}
                      onClick={() => askDisconnect(api, client, () => void pages.poll.refresh())}
                    >
                      {common('disconnect')}
                    </Button>
                  ),
                },
              ]}
            />
            <Pager pages={pages} />
          </>
        )}
      </Loaded>
    </>
  );
}
