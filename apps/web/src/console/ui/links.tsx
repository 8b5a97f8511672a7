import { formats } from '../state/console.js';
import { routeTo } from '../state/route.js';
import { t } from '../texts.js';

export function RoomLink({ id, name }: { readonly id: string; readonly name?: string | undefined }) {
  return (
    <a class="id" href={routeTo(['rooms', id])} title={name && name !== id ? `${name} (${id})` : id}>
      {id}
    </a>
  );
}

/** Null stands for a connection that has not said whose it is. */
export function UserLink({ id, name }: { readonly id: string | null | undefined; readonly name?: string | undefined }) {
  if (id === null || id === undefined) return <span class="soft">{t('anonymous')}</span>;
  return (
    <a class="id" href={routeTo(['users', id])} title={id}>
      {name || id}
    </a>
  );
}

/** Enough of a long id to tell it from others; the whole is there for those who point at it. */
export function ShortId({ id }: { readonly id: string }) {
  return (
    <code title={id}>
      {id.slice(0, 8)}
      <span class="unseen">{id.slice(8)}</span>
    </code>
  );
}

/** A time; the whole of it for those who point at it. @param at Unix ms */
export function Moment({ at }: { readonly at: number }) {
  const f = formats.value;
  return (
    <time dateTime={new Date(at).toISOString()} title={f.moment(at)}>
      {f.when(at)}
    </time>
  );
}
