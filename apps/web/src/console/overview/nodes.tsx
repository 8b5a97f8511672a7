import { useState } from 'preact/hooks';
import { Button } from '../../shared/ui/index.js';
import { formats, useConsole } from '../state/console.js';
import { routeTo } from '../state/route.js';
import { t as common } from '../texts.js';
import { ask } from '../ui/act.js';
import { Badge, type Tone } from '../ui/head.js';
import { ACTS, type Column, Table } from '../ui/table.js';
import { say } from './chart.js';
import { latestOf, type Unit } from './measures.js';
import type { NodeSeries, Series } from './series.js';
import { type OverviewText, t } from './texts.js';

type State = 'ready' | 'notReady' | 'draining' | 'silent' | 'gone';
const TONES: Record<State, Tone> = {
  ready: 'good',
  notReady: 'danger',
  draining: 'warning',
  silent: 'danger',
  gone: 'quiet',
};

export function stateOf({ presence, ready, draining }: NodeSeries): State {
  if (presence !== 'present') return presence;
  return draining ? 'draining' : ready ? 'ready' : 'notReady';
}

interface Figure {
  readonly column: string;
  readonly unit: Unit;
  readonly label: OverviewText;
}

const FIGURES: readonly Figure[] = [
  { column: 'connections', unit: 'count', label: 'connectionsHead' },
  { column: 'deliveries', unit: 'rate', label: 'deliveriesHead' },
  { column: 'command_p99_ms', unit: 'millis', label: 'latencyShort' },
  { column: 'cpu', unit: 'percent', label: 'cpuShort' },
  { column: 'loop_p99_ms', unit: 'millis', label: 'loopShort' },
  { column: 'rss_bytes', unit: 'bytes', label: 'memoryShort' },
];

/** Each node by its last figures. Pressed heads sort. */
export function Nodes({ series, refresh }: { series: Series; refresh: () => void }) {
  const { api } = useConsole();
  const [sort, setSort] = useState<{ id: string; isDown: boolean }>({ id: 'node', isDown: false });
  const f = formats.value;
  const sorted = (id: string) => ({
    sorted: sort.id === id ? (sort.isDown ? ('descending' as const) : ('ascending' as const)) : undefined,
    onSort: () => setSort({ id, isDown: sort.id === id ? !sort.isDown : id !== 'node' }),
  });
  const drain = (node: NodeSeries) => {
    const others = series.nodes.filter((other) => other !== node && stateOf(other) === 'ready');
    ask({
      title: t('drainTitle', { node: node.node_id }),
      consequence: (
        <>
          <p>{t('drainText', { count: latestOf(node, FIGURES[0] as Figure, series) ?? 0 })}</p>
          {others.length === 0 && <p class="notice error">{t('drainLast')}</p>}
        </>
      ),
      verb: t('drainVerb'),
      typed: node.node_id,
      run: () => api.post(`/operator/nodes/${encodeURIComponent(node.node_id)}/drain`),
      after: refresh,
    });
  };
  const columns: Column<NodeSeries>[] = [
    {
      id: 'node',
      label: t('node'),
      cell: ({ node_id }) => (
        <a class="id" href={routeTo(['overview'], { node: node_id })}>
          {node_id}
        </a>
      ),
      ...sorted('node'),
    },
    { id: 'state', label: t('state'), cell: (node) => <Badge tone={TONES[stateOf(node)]}>{t(stateOf(node))}</Badge> },
    ...FIGURES.map(
      (figure): Column<NodeSeries> => ({
        id: figure.column,
        label: t(figure.label),
        isNumber: true,
        cell: (node) => (node.presence === 'gone' ? '' : say(figure.unit, latestOf(node, figure, series), f)),
        ...sorted(figure.column),
      }),
    ),
    {
      id: 'uptime',
      label: t('uptime'),
      isNumber: true,
      cell: ({ presence, started_at }) => (presence === 'gone' ? '' : f.duration(series.timestamp - started_at)),
    },
    { id: 'version', label: t('version'), cell: ({ version }) => <span class="number">{version}</span> },
    {
      id: ACTS,
      label: common('actions'),
      cell: (node) =>
        node.presence === 'present' && (
          <Button
            kind="quiet"
            disabled={node.draining}
            aria-label={`${t('drain')} ${node.node_id}`}
            onClick={() => drain(node)}
          >
            {t('drain')}
          </Button>
        ),
    },
  ];
  return (
    <Table
      caption={t('nodes')}
      columns={columns}
      rows={sortNodes(series, sort)}
      keyOf={({ node_id }) => node_id}
      rowClass={({ presence }) => (presence === 'gone' ? 'faded' : '')}
    />
  );
}

function sortNodes(series: Series, { id, isDown }: { id: string; isDown: boolean }): NodeSeries[] {
  if (id === 'node') return isDown ? series.nodes.toReversed() : [...series.nodes];
  const value = (node: NodeSeries) => latestOf(node, { column: id, unit: 'count' }, series) ?? -1;
  return series.nodes.toSorted((a, b) => (isDown ? value(b) - value(a) : value(a) - value(b)));
}
