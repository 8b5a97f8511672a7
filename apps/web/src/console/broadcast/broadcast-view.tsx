import { useState } from 'preact/hooks';
import { Button, Select, TextArea } from '../../shared/ui/index.js';
import { useConsole } from '../state/console.js';
import type { Poll } from '../state/poll.js';
import { useLoad } from '../state/use-load.js';
import { t as common } from '../texts.js';
import { ask } from '../ui/act.js';
import { Head } from '../ui/head.js';
import { t } from './texts.js';

interface Stats {
  readonly client_count: number;
}

const TYPED = 'broadcast';

/** Something to be told to everybody who is connected. */
export function BroadcastView() {
  const { api } = useConsole();
  const stats = useLoad<Stats>((signal) => api.get('/stats', {}, signal), 'stats', 10_000);
  const [kind, setKind] = useState('text');
  const [written, setWritten] = useState('');
  const message = kind === 'text' ? written.trim() : parse(written);
  const isWrong = kind === 'json' && written.trim() !== '' && message === undefined;
  const send = () =>
    ask({
      title: t('title'),
      consequence: (
        <>
          <Reach stats={stats} />
          <pre class="json" tabIndex={0}>
            {kind === 'text' ? written.trim() : JSON.stringify(message, null, 2)}
          </pre>
        </>
      ),
      verb: t('verb'),
      typed: TYPED,
      run: () => api.post('/broadcast', { message }),
      after: () => setWritten(''),
    });
  return (
    <>
      <Head title={common('broadcast')} about={t('about')} />
      <form
        class="panel"
        onSubmit={(event) => {
          event.preventDefault();
          if (message !== undefined && message !== '' && message !== null) send();
        }}
      >
        <Select
          label={t('kind')}
          value={kind}
          options={(['text', 'json'] as const).map((value) => ({ value, label: t(value) }))}
          onValue={setKind}
        />
        <TextArea
          label={t('message')}
          hint={kind === 'text' ? t('hint') : undefined}
          error={isWrong ? t('wrong') : undefined}
          value={written}
          rows={5}
          required
          onValue={setWritten}
        />
        <div class="row-acts">
          <Button type="submit" kind="danger" disabled={message === undefined || message === '' || message === null}>
            {t('send')}
          </Button>
        </div>
      </form>
    </>
  );
}

/** To how many it goes, as soon as that is known. */
function Reach({ stats }: { stats: Poll<Stats> }) {
  const count = stats.data.value?.client_count;
  return <p>{count === undefined ? t('unknown') : t('consequence', { count })}</p>;
}

/** Undefined where it is no JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
