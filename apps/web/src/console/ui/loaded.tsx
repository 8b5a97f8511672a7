import type { ComponentChildren } from 'preact';
import { sayError } from '../../shared/texts.js';
import { Button, Spinner } from '../../shared/ui/index.js';
import type { Poll } from '../state/poll.js';
import type { Pages } from '../state/use-load.js';
import { t } from '../texts.js';

interface LoadedProps<T> {
  readonly poll: Poll<T>;
  readonly children: (data: T) => ComponentChildren;
}

/** What was loaded; before, that it is being loaded; and what went wrong, without taking away what was there. */
export function Loaded<T>({ poll, children }: LoadedProps<T>) {
  const data = poll.data.value;
  const error = poll.error.value;
  return (
    <>
      {error && (
        <div class={data === null ? 'notice error' : 'notice warning'} role="alert">
          <span>
            {data === null ? sayError(error) : t('stale', { why: sayError(error) })}{' '}
            <code class="soft">{error.name}</code>
          </span>
          <Button icon="refresh" onClick={() => void poll.refresh()}>
            {t('retry')}
          </Button>
        </div>
      )}
      {data === null ? !error && <Waiting /> : children(data)}
    </>
  );
}

function Waiting() {
  return (
    <div class="waiting">
      <Spinner label={t('loading')} />
    </div>
  );
}

/** That some nodes are missing in what is shown. */
export function Unconfirmed({ nodes }: { readonly nodes: readonly string[] | undefined }) {
  if (nodes === undefined || nodes.length === 0) return null;
  return (
    <p class="notice warning" role="status">
      {t('unconfirmed', { count: nodes.length, nodes: nodes.join(', ') })}
    </p>
  );
}

/** To the pages before and after; nothing where there is only one. */
export function Pager<T>({ pages: { page, next, previous } }: { readonly pages: Pages<T> }) {
  if (next === null && previous === null) return null;
  return (
    <nav class="pager" aria-label={t('page', { page })}>
      <Button onClick={() => previous?.()} disabled={previous === null}>
        {t('previous')}
      </Button>
      <span class="soft number">{t('page', { page })}</span>
      <Button onClick={() => next?.()} disabled={next === null}>
        {t('next')}
      </Button>
    </nav>
  );
}
