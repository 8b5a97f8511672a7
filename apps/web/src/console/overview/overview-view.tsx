import { useEffect, useMemo, useState } from 'preact/hooks';
import { IconButton, Select } from '../../shared/ui/index.js';
import { formats, goTo, route, useConsole } from '../state/console.js';
import { Poll } from '../state/poll.js';
import { routeTo } from '../state/route.js';
import { t as common } from '../texts.js';
import { Head } from '../ui/head.js';
import { Loaded, Unconfirmed } from '../ui/loaded.js';
import { Table } from '../ui/table.js';
import { Chart, nameOf, say } from './chart.js';
import { type Aligned, align, CHARTS, type Measure, summaryOf, valuesOf } from './measures.js';
import { Nodes, stateOf } from './nodes.js';
import './overview.css';
import { mergeSeries, type Series, type SeriesAnswer, sinceOf } from './series.js';
import { chartText, t } from './texts.js';

interface Stats {
  readonly client_count: number;
  readonly user_count: number;
  readonly room_count: number;
  readonly message_rate: number;
  readonly unconfirmed?: readonly string[];
}

interface Seen {
  readonly series: Series;
  readonly stats: Stats;
}

const LATENCY: Measure = { column: 'command_p99_ms', unit: 'millis', across: 'worst' };

/** What was seen last is there at once when one comes back, and only what is later is asked for. */
const memory = new WeakMap<object, Seen>();

export function OverviewView() {
  const { api } = useConsole();
  const poll = useMemo(
    () =>
      new Poll<Seen>(
        async (signal, before) => {
          const since = before === null ? {} : { since: sinceOf(before.series) };
          const [answer, stats] = await Promise.all([
            api.get<SeriesAnswer>('/operator/series', since, signal),
            api.get<Stats>('/stats', {}, signal),
          ]);
          const seen = { series: mergeSeries(before?.series ?? null, answer), stats };
          memory.set(api, seen);
          return seen;
        },
        { everyMs: 10_000, initial: memory.get(api) ?? null },
      ),
    [api],
  );
  useEffect(() => poll.start(), [poll]);
  return <Loaded poll={poll}>{(seen) => <Overview {...seen} refresh={() => void poll.refresh()} />}</Loaded>;
}

function Overview({ series, stats, refresh }: Seen & { readonly refresh: () => void }) {
  const [isTable, setTable] = useState(false);
  const asked = route.value.query['node'] ?? null;
  const nodeId = series.nodes.some(({ node_id }) => node_id === asked) ? asked : null;
  const aligned = useMemo(() => align(series, nodeId), [series, nodeId]);
  const f = formats.value;
  const nodes = series.nodes.filter(({ presence }) => presence !== 'gone');
  const ready = nodes.filter((node) => stateOf(node) === 'ready').length;
  const latency = valuesOf(LATENCY, aligned).findLast((value) => value !== null) ?? null;
  const options = [
    { value: '', label: t('allNodes') },
    ...series.nodes.map(({ node_id }) => ({ value: node_id, label: node_id })),
  ];
  return (
    <>
      <Head title={t('lastHour')} about={t('updated', { time: f.clock(series.timestamp) })}>
        <Select
          label={t('scope')}
          value={nodeId ?? ''}
          options={options}
          onValue={(node) => goTo(routeTo(['overview'], { node }))}
        />
        <Select
          label={t('look')}
          value={isTable ? 'table' : 'charts'}
          options={[
            { value: 'charts', label: t('charts') },
            { value: 'table', label: t('figures') },
          ]}
          onValue={(value) => setTable(value === 'table')}
        />
        <IconButton icon="refresh" label={common('refresh')} onClick={refresh} />
      </Head>
      <Unconfirmed nodes={series.nodes.filter(({ presence }) => presence === 'silent').map(({ node_id }) => node_id)} />
      <dl class="vitals">
        <Vital
          name={t('nodes')}
          value={f.count(nodes.length)}
          note={ready === nodes.length ? t('allReady') : t('someReady', { ready, all: nodes.length })}
          isAlarming={ready < nodes.length}
        />
        <Vital name={t('connectionsHead')} value={f.count(stats.client_count)} />
        <Vital name={t('usersHead')} value={f.count(stats.user_count)} />
        <Vital name={t('roomsHead')} value={f.count(stats.room_count)} />
        <Vital name={t('perSecond')} value={f.rate(stats.message_rate).replace('/s', '')} />
        <Vital name={t('latencyShort')} value={f.millis(latency)} />
      </dl>
      {isTable ? (
        <Figures aligned={aligned} isAll={nodeId === null} />
      ) : (
        <div class="charts">
          {CHARTS.map((spec) => (
            <Chart key={spec.id} spec={spec} aligned={aligned} isAll={nodeId === null && nodes.length > 1} />
          ))}
        </div>
      )}
      <h2>{t('nodes')}</h2>
      <Nodes series={series} refresh={refresh} />
    </>
  );
}

interface VitalProps {
  readonly name: string;
  readonly value: string;
  readonly note?: string;
  readonly isAlarming?: boolean;
}

function Vital({ name, value, note, isAlarming = false }: VitalProps) {
  return (
    <div class={isAlarming ? 'vital alarming' : 'vital'}>
      <dt>{name}</dt>
      <dd>
        <strong class="number">{value}</strong>
        {note && <span class={isAlarming ? '' : 'soft'}>{note}</span>}
      </dd>
    </div>
  );
}

/** All charts as one table. */
function Figures({ aligned, isAll }: { aligned: Aligned; isAll: boolean }) {
  const f = formats.value;
  const rows = CHARTS.flatMap(({ id, measures, bars }) =>
    measures.map((measure) => {
      const summary = summaryOf(valuesOf(measure, aligned), aligned.grid);
      const name = `${chartText(id)}: ${nameOf(measure, isAll)}`;
      return { key: measure.column, unit: measure.unit, name, bars, ...summary };
    }),
  );
  const figure = (id: 'now' | 'mean' | 'peak', label: string) => ({
    id,
    label,
    isNumber: true,
    cell: (row: (typeof rows)[number]) => say(row.unit, row[id], f),
  });
  return (
    <Table
      caption={t('lastHour')}
      rows={rows}
      keyOf={({ key }) => key}
      columns={[
        { id: 'measure', label: t('measure'), cell: ({ name }) => name },
        figure('now', t('now')),
        figure('mean', t('mean')),
        figure('peak', t('highest')),
        {
          id: 'at',
          label: t('peakTime'),
          isNumber: true,
          cell: ({ peakAt, peak }) => (peakAt === null || peak === 0 ? '–' : f.minute(peakAt)),
        },
        { id: 'total', label: t('total'), isNumber: true, cell: ({ bars, total }) => (bars ? f.count(total) : '') },
      ]}
    />
  );
}
