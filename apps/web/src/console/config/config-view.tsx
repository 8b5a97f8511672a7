import { useState } from 'preact/hooks';
import { Field, Select } from '../../shared/ui/index.js';
import { useConsole } from '../state/console.js';
import { useLoad } from '../state/use-load.js';
import { t as common } from '../texts.js';
import { Badge, Head, type Tone } from '../ui/head.js';
import { Loaded } from '../ui/loaded.js';
import { Table } from '../ui/table.js';
import { t } from './texts.js';
import './config.css';
import { type ConfigKey, filterKeys, type Only, textOf } from './keys.js';

interface ConfigAnswer {
  readonly node_id: string;
  readonly file: string | null;
  readonly keys: readonly ConfigKey[];
}

const TONES: Record<ConfigKey['source'], Tone> = {
  default: 'quiet',
  file: 'good',
  environment: 'warning',
  code: 'warning',
};

/** The effective configuration of the node that answered. */
export function ConfigView() {
  const { api } = useConsole();
  const poll = useLoad<ConfigAnswer>((signal) => api.get('/operator/config', {}, signal), 'config');
  const [search, setSearch] = useState('');
  const [only, setOnly] = useState<Only>('all');
  const data = poll.data.value;
  return (
    <>
      <Head
        title={common('config')}
        about={
          data === null
            ? '\u00a0'
            : t(data.file === null ? 'aboutNoFile' : 'about', { node: data.node_id, file: data.file ?? '' })
        }
      >
        <Field
          label={t('search')}
          type="search"
          value={search}
          autocomplete="off"
          spellcheck={false}
          onValue={setSearch}
        />
        <Select
          label={t('show')}
          value={only}
          options={(['all', 'changed', 'reloadable'] as const).map((value) => ({ value, label: t(value) }))}
          onValue={(value) => setOnly(value as Only)}
        />
      </Head>
      <Loaded poll={poll}>{({ keys }) => <Keys keys={filterKeys(keys, search, only)} />}</Loaded>
    </>
  );
}

function Keys({ keys }: { keys: readonly ConfigKey[] }) {
  return (
    <>
      <p class="soft" role="status">
        {t('shown', { count: keys.length })}
      </p>
      <Table
        caption={common('config')}
        rows={keys}
        keyOf={({ key }) => key}
        empty={t('none')}
        columns={[
          {
            id: 'key',
            label: t('key'),
            cell: ({ key, description }) => (
              <div class="config-key">
                <code>{key}</code>
                <p class="soft">{description}</p>
              </div>
            ),
          },
          { id: 'value', label: t('value'), cell: (key) => <Value value={key.value} unit={key.unit} /> },
          {
            id: 'default',
            label: t('usual'),
            cell: (key) =>
              key.default_note ? (
                <span class="soft wrap">{key.default_note}</span>
              ) : (
                <span class="soft">
                  <Value value={key.default} unit={key.unit} />
                </span>
              ),
          },
          { id: 'source', label: t('source'), cell: ({ source }) => <Badge tone={TONES[source]}>{t(source)}</Badge> },
          { id: 'reload', label: t('reload'), cell: ({ reloadable }) => t(reloadable ? 'atOnce' : 'restart') },
          { id: 'variable', label: t('variable'), cell: ({ environment }) => <code>{environment}</code> },
        ]}
      />
    </>
  );
}

function Value({ value, unit }: { value: unknown; unit: string | undefined }) {
  if (value === null || value === undefined) return <span class="soft">{t('unset')}</span>;
  return (
    <span class="config-value">
      <code>{textOf(value)}</code>
      {unit && <span class="soft"> {unit}</span>}
    </span>
  );
}
