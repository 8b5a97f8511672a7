import { useEffect, useMemo, useState } from 'preact/hooks';
import { Button, Field, Select, Switch } from '../../shared/ui/index.js';
import { formats, route, useConsole } from '../state/console.js';
import { t as common } from '../texts.js';
import { ask } from '../ui/act.js';
import { Badge, Head } from '../ui/head.js';
import { RoomLink, ShortId, UserLink } from '../ui/links.js';
import { Table } from '../ui/table.js';
import { SHOWN, Tap, type TapItem, type TapTarget } from './tap.js';
import './tap.css';
import { t } from './texts.js';

const SAMPLES = [1, 0.1, 0.01];

/** What one room or user does, live. */
export function TapView() {
  const { settings, session } = useConsole();
  const tap = useMemo(() => new Tap(settings, session), [settings, session]);
  useEffect(() => () => tap.stop(), [tap]);
  const { query } = route.value;
  const [kind, setKind] = useState<string>(query['user'] === undefined ? 'room' : 'user');
  const [id, setId] = useState(query['user'] ?? query['room'] ?? '');
  const [sample, setSample] = useState('1');
  const [withContent, setWithContent] = useState(false);
  const isOn = tap.state.value === 'connecting' || tap.state.value === 'watching';
  const start = () => {
    const target: TapTarget = { [kind === 'room' ? 'room_id' : 'user_id']: id.trim(), sample: Number(sample) };
    if (!withContent) {
      void tap.start(target);
      return;
    }
    ask({
      title: t('contentTitle', { target: id.trim() }),
      consequence: t('contentText'),
      verb: t('contentVerb'),
      silent: true,
      run: async () => void tap.start({ ...target, content: true }),
    });
  };
  return (
    <>
      <Head title={common('tap')} about={t('about')} />
      <form
        class="filters"
        onSubmit={(event) => {
          event.preventDefault();
          if (isOn) tap.stop();
          else start();
        }}
      >
        <Select
          label={t('of')}
          value={kind}
          disabled={isOn}
          options={(['room', 'user'] as const).map((value) => ({ value, label: t(value) }))}
          onValue={setKind}
        />
        <Field
          label={t('id')}
          value={id}
          required
          disabled={isOn}
          maxLength={128}
          spellcheck={false}
          autocapitalize="none"
          autocomplete="off"
          onValue={setId}
        />
        <Select
          label={t('sample')}
          value={sample}
          disabled={isOn}
          options={SAMPLES.map((value) => ({
            value: String(value),
            label: value === 1 ? t('everything') : t('oneIn', { count: 1 / value }),
          }))}
          onValue={setSample}
        />
        <Switch label={t('content')} checked={withContent} disabled={isOn} onChange={setWithContent} />
        <Button type="submit" kind={isOn ? 'plain' : 'primary'}>
          {t(isOn ? 'stop' : 'start')}
        </Button>
      </form>
      <Status tap={tap} />
      {tap.items.value.length > 0 && <Items items={tap.items.value} />}
    </>
  );
}

function Status({ tap }: { tap: Tap }) {
  const state = tap.state.value;
  const text = () => {
    switch (state) {
      case 'idle':
        return '';
      case 'watching':
        return t(tap.seen.value === 0 ? 'waiting' : 'watching', { count: tap.nodes.value });
      case 'failed':
        return t('failed', { why: tap.fault.value });
      case 'connecting':
      case 'ended':
      case 'stopped':
        return t(state);
    }
  };
  return (
    <div class="tap-status">
      <p role="status" class={state === 'failed' ? 'notice error' : ''}>
        {state === 'watching' && <span class="live" aria-hidden="true" />}
        {text()}
      </p>
      {tap.seen.value > 0 && (
        <>
          <span class="soft number">
            {t('seen', { count: tap.seen.value })}
            {tap.skipped.value > 0 && ` · ${t('skipped', { count: tap.skipped.value })}`}
            {tap.seen.value > SHOWN && ` · ${t('bounded', { count: SHOWN })}`}
          </span>
          <Button onClick={() => tap.hold(!tap.isHeld.value)} aria-pressed={tap.isHeld.value}>
            {tap.isHeld.value ? t('resume', { count: tap.waiting.value }) : t('pause')}
          </Button>
          <Button onClick={() => tap.clear()}>{t('clear')}</Button>
        </>
      )}
    </div>
  );
}

function Items({ items }: { items: readonly (TapItem & { readonly key: number })[] }) {
  const f = formats.value;
  return (
    <Table
      caption={t('items')}
      rows={items}
      keyOf={({ key }) => key}
      columns={[
        { id: 'time', label: t('time'), cell: ({ at }) => <span class="number">{f.clock(at)}</span> },
        {
          id: 'direction',
          label: t('direction'),
          cell: ({ direction }) => <Badge tone={direction === 'in' ? 'good' : 'quiet'}>{t(direction)}</Badge>,
        },
        { id: 'type', label: t('type'), cell: ({ type }) => <code>{type}</code> },
        ...(items.some(({ data }) => data !== undefined)
          ? [
              {
                id: 'data',
                label: t('data'),
                cell: ({ data }: TapItem) => data !== undefined && <code class="tap-data">{JSON.stringify(data)}</code>,
              },
            ]
          : []),
        {
          id: 'user',
          label: common('user'),
          cell: ({ user_id }) => (user_id === undefined ? '' : <UserLink id={user_id} />),
        },
        {
          id: 'room',
          label: common('room'),
          cell: ({ room_id }) => (room_id === undefined ? '' : <RoomLink id={room_id} />),
        },
        { id: 'seq', label: t('seq'), isNumber: true, cell: ({ seq }) => (seq === undefined ? '' : f.count(seq)) },
        { id: 'size', label: t('size'), isNumber: true, cell: ({ bytes }) => f.bytes(bytes) },
        {
          id: 'answer',
          label: t('answer'),
          cell: ({ code }) =>
            code === undefined ? (
              ''
            ) : (
              <Badge tone={code === 0 ? 'quiet' : 'danger'}>{code === 0 ? t('ok') : code}</Badge>
            ),
        },
        {
          id: 'connection',
          label: common('connection'),
          cell: ({ connection_id }) => (connection_id === undefined ? '' : <ShortId id={connection_id} />),
        },
        { id: 'node', label: common('node'), cell: ({ node_id }) => <span class="id">{node_id}</span> },
      ]}
    />
  );
}
