import { useState } from 'preact/hooks';
import { Button, Field, Select } from '../../shared/ui/index.js';
import { goTo, route, useConsole } from '../state/console.js';
import { routeTo } from '../state/route.js';
import { usePages } from '../state/use-load.js';
import { t as common } from '../texts.js';
import { Disclosure } from '../ui/disclosure.js';
import { Badge, Head, type Tone } from '../ui/head.js';
import { Moment, RoomLink, ShortId, UserLink } from '../ui/links.js';
import { Loaded, Pager } from '../ui/loaded.js';
import { Table } from '../ui/table.js';
import { t } from './texts.js';

interface Target {
  readonly room_id?: string;
  readonly user_id?: string;
  readonly connection_id?: string;
  readonly node_id?: string;
  readonly token_id?: string;
  readonly seq?: number;
}

interface Entry {
  readonly id: string;
  /** Unix ms. */
  readonly at: number;
  readonly actor_id: string;
  readonly actor_name?: string;
  readonly action: string;
  readonly target: Target;
  readonly details?: unknown;
  /** `begun`: the node died before it could say what came of it. */
  readonly outcome: 'begun' | 'done' | 'failed';
  /** Of the error. */
  readonly code?: number;
  readonly node_id: string;
  readonly address?: string;
}

interface AuditAnswer {
  readonly entries: readonly Entry[];
  readonly next_cursor?: string;
}

const TONES: Record<Entry['outcome'], Tone> = { begun: 'warning', done: 'good', failed: 'danger' };
const ACTIONS = [
  ...['broadcast', 'delete_room', 'disconnect', 'disconnect_user', 'drain', 'join_user', 'kick_member', 'leave_user'],
  ...['redact_message', 'revoke_token', 'revoke_user', 'set_member', 'tap', 'update_room'],
];

export function AuditView() {
  const { api } = useConsole();
  const { actor = '', action = '', target = '' } = route.value.query;
  const [typed, setTyped] = useState({ actor, target });
  const go = (more: Partial<Record<'actor' | 'action' | 'target', string>>) =>
    goTo(routeTo(['audit'], { actor, action, target, ...more }));
  const pages = usePages<AuditAnswer>(
    (cursor, signal) =>
      api.get(
        '/operator/audit',
        { actor: actor || undefined, action: action || undefined, target: target || undefined, cursor, limit: 50 },
        signal,
      ),
    `${actor}\n${action}\n${target}`,
  );
  const text = { autocapitalize: 'none', autocomplete: 'off', spellcheck: false, maxLength: 256 } as const;
  return (
    <>
      <Head title={common('audit')} about={t('about')} />
      <form
        class="filters"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          go(typed);
        }}
      >
        <Field
          label={t('actor')}
          type="search"
          value={typed.actor}
          onValue={(value) => setTyped({ ...typed, actor: value })}
          {...text}
        />
        <Select
          label={t('action')}
          value={action}
          options={[{ value: '', label: t('anything') }, ...ACTIONS.map((value) => ({ value, label: value }))]}
          onValue={(value) => go({ ...typed, action: value })}
        />
        <Field
          label={t('target')}
          type="search"
          placeholder={t('targetHint')}
          value={typed.target}
          onValue={(value) => setTyped({ ...typed, target: value })}
          {...text}
        />
        <Button type="submit" icon="search">
          {common('search')}
        </Button>
        <Button icon="refresh" onClick={() => void pages.poll.refresh()}>
          {common('refresh')}
        </Button>
      </form>
      <Loaded poll={pages.poll}>
        {({ entries }) => (
          <>
            <Table
              caption={common('audit')}
              rows={entries}
              keyOf={({ id }) => id}
              empty={t('none')}
              columns={[
                { id: 'at', label: t('time'), cell: ({ at }) => <Moment at={at} /> },
                {
                  id: 'actor',
                  label: t('actor'),
                  cell: ({ actor_id, actor_name }) => <UserLink id={actor_id} name={actor_name} />,
                },
                { id: 'action', label: t('action'), cell: (entry) => <code>{entry.action}</code> },
                { id: 'target', label: t('target'), cell: (entry) => <TargetOf target={entry.target} /> },
                {
                  id: 'outcome',
                  label: t('outcome'),
                  cell: ({ outcome, code }) => (
                    <Badge tone={TONES[outcome]}>
                      {t(outcome)}
                      {code === undefined ? '' : ` ${code}`}
                    </Badge>
                  ),
                },
                { id: 'details', label: t('details'), cell: (entry) => <Details details={entry.details} /> },
                {
                  id: 'from',
                  label: t('from'),
                  cell: ({ address, node_id }) => (
                    <>
                      {address} <span class="id soft">{node_id}</span>
                    </>
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

function TargetOf({ target: { room_id, user_id, connection_id, node_id, token_id, seq } }: { target: Target }) {
  return (
    <span class="badges">
      {user_id !== undefined && <UserLink id={user_id} />}
      {room_id !== undefined && <RoomLink id={room_id} />}
      {seq !== undefined && <span>{t('message', { seq })}</span>}
      {connection_id !== undefined && <ShortId id={connection_id} />}
      {node_id !== undefined && <span class="id">{node_id}</span>}
      {token_id !== undefined && (
        <span>
          {t('token')} <ShortId id={token_id} />
        </span>
      )}
    </span>
  );
}

function Details({ details }: { details: unknown }) {
  if (details === undefined || details === null) return null;
  return (
    <Disclosure summary="…" label={t('details')}>
      {() => (
        <pre class="json wrap" tabIndex={0}>
          {JSON.stringify(details, null, 2)}
        </pre>
      )}
    </Disclosure>
  );
}
