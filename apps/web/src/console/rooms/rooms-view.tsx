import { useState } from 'preact/hooks';
import { Field, Select } from '../../shared/ui/index.js';
import { formats, goTo, route, useConsole } from '../state/console.js';
import { routeTo } from '../state/route.js';
import { usePages } from '../state/use-load.js';
import { t as common } from '../texts.js';
import { Badge, Head } from '../ui/head.js';
import { Moment, RoomLink, UserLink } from '../ui/links.js';
import { Loaded, Pager, Unconfirmed } from '../ui/loaded.js';
import { Table } from '../ui/table.js';
import type { RoomsAnswer } from './answers.js';
import { t } from './texts.js';

const PAGE = 50;
const TOP = 100;
const SORTS = ['members', 'traffic', 'name', 'created'] as const;
type Sort = (typeof SORTS)[number];
const LABELS = { members: 'byMembers', traffic: 'byTraffic', name: 'byName', created: 'byCreated' } as const;
const EMPTY = { members: 'noMembers', traffic: 'noTraffic', name: 'noRooms', created: 'noRooms' } as const;

/** Rooms of the cluster by size, traffic, age or id. The largest and busiest are a list that follows; all of them are pages. */
export function RoomsView() {
  const { api } = useConsole();
  const f = formats.value;
  const { query } = route.value;
  const sort = SORTS.find((one) => one === query['sort']) ?? 'members';
  const prefix = query['prefix'] ?? '';
  const [typed, setTyped] = useState(prefix);
  const isTop = sort === 'members' || sort === 'traffic';
  const set = (next: { sort?: Sort; prefix?: string }) =>
    goTo(routeTo(['rooms'], { sort, prefix, ...next }), next.prefix !== undefined);
  const pages = usePages<RoomsAnswer>(
    (cursor, signal) =>
      api.get('/operator/rooms', { sort, prefix: prefix || undefined, cursor, limit: isTop ? TOP : PAGE }, signal),
    `${sort} ${prefix}`,
    isTop ? 5000 : null,
  );
  return (
    <>
      <Head title={common('rooms')} about={t('about')}>
        <form
          class="filters"
          role="search"
          onSubmit={(event) => {
            event.preventDefault();
            set({ prefix: typed.trim() });
          }}
        >
          <Field
            label={t('prefix')}
            type="search"
            value={typed}
            maxLength={128}
            spellcheck={false}
            autocomplete="off"
            autocapitalize="none"
            onValue={(value) => {
              setTyped(value);
              set({ prefix: value.trim() });
            }}
          />
        </form>
        <Select
          label={t('order')}
          value={sort}
          options={SORTS.map((value) => ({ value, label: t(LABELS[value]) }))}
          onValue={(value) => set({ sort: value as Sort })}
        />
      </Head>
      <Loaded poll={pages.poll}>
        {({ rooms, unconfirmed }) => (
          <>
            <Unconfirmed nodes={unconfirmed} />
            <Table
              caption={common('rooms')}
              rows={rooms}
              keyOf={({ id }) => id}
              empty={prefix === '' ? t(EMPTY[sort]) : t('noneFound')}
              columns={[
                { id: 'id', label: common('room'), cell: ({ id, name }) => <RoomLink id={id} name={name} /> },
                {
                  id: 'name',
                  label: t('name'),
                  cell: ({ id, name }) => <span class="cell clip">{name === id ? '' : name}</span>,
                },
                { id: 'members', label: t('members'), isNumber: true, cell: (room) => f.count(room.member_count) },
                {
                  id: 'capacity',
                  label: t('capacity'),
                  isNumber: true,
                  cell: ({ max_clients }) =>
                    max_clients === 0 ? <span class="soft">{t('noLimit')}</span> : f.count(max_clients),
                },
                { id: 'traffic', label: t('traffic'), isNumber: true, cell: (room) => rateOf(room.message_rate) },
                {
                  id: 'visibility',
                  label: t('visibility'),
                  cell: ({ visibility, history }) => (
                    <span class="badges">
                      <Badge tone={visibility === 'private' ? 'warning' : 'quiet'}>{t(visibility)}</Badge>
                      {history === 'none' && <Badge tone="quiet">{t('notKept')}</Badge>}
                    </span>
                  ),
                },
                {
                  id: 'owner',
                  label: t('owner'),
                  cell: ({ owner_id }) => (owner_id === undefined ? '' : <UserLink id={owner_id} />),
                },
                { id: 'created', label: t('created'), cell: ({ created_at }) => <Moment at={created_at} /> },
              ]}
            />
            {isTop && rooms.length === TOP && <p class="soft">{t('top', { count: TOP })}</p>}
            {!isTop && <Pager pages={pages} />}
          </>
        )}
      </Loaded>
    </>
  );
}

/** Without its unit, which the column's head has. */
export function rateOf(value: number): string {
  return formats.value.rate(value).replace('/s', '');
}
