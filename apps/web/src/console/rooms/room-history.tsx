import type { Room, RoomMessage } from '@hubbub/protocol';
import { useState } from 'preact/hooks';
import { Button } from '../../shared/ui/index.js';
import { formats, useConsole } from '../state/console.js';
import { useLoad } from '../state/use-load.js';
import { t as common } from '../texts.js';
import { ask } from '../ui/act.js';
import { Moment, UserLink } from '../ui/links.js';
import { Loaded } from '../ui/loaded.js';
import { ACTS, Table } from '../ui/table.js';
import type { HistoryAnswer } from './answers.js';
import { t } from './texts.js';

const PAGE = 50;

/** What was said, newest first, a page at a time. */
export function RoomHistory({ room }: { room: Room }) {
  const { api } = useConsole();
  const [before, setBefore] = useState<number | undefined>(undefined);
  const f = formats.value;
  const poll = useLoad<HistoryAnswer>(
    (signal) => api.get(`/rooms/${encodeURIComponent(room.id)}/messages`, { before, limit: PAGE }, signal),
    `${room.id} ${before}`,
  );
  const redact = (seq: number) =>
    ask({
      title: t('redactTitle', { seq: f.count(seq), room: room.id }),
      consequence: t('redactText'),
      verb: t('redact'),
      run: () => api.post('/commands/redact_message', { room_id: room.id, seq }),
      after: () => void poll.refresh(),
    });
  if (room.history === 'none') return <p class="soft empty">{t('noHistory')}</p>;
  return (
    <Loaded poll={poll}>
      {({ messages, has_more }) => (
        <>
          <Table
            caption={t('messages')}
            rows={messages.toReversed()}
            keyOf={({ seq }) => seq ?? 0}
            empty={t('noMessages')}
            columns={[
              { id: 'seq', label: t('number'), isNumber: true, cell: ({ seq }) => f.count(seq) },
              { id: 'time', label: t('time'), cell: ({ timestamp }) => <Moment at={timestamp} /> },
              {
                id: 'sender',
                label: t('sender'),
                cell: (one) => <UserLink id={one.sender_id} name={one.sender_name} />,
              },
              { id: 'content', label: t('content'), cell: (message) => <Content message={message} /> },
              {
                id: ACTS,
                label: common('actions'),
                cell: ({ seq, redacted }) =>
                  seq !== undefined &&
                  !redacted && (
                    <Button
                      kind="quiet"
                      class="danger-text"
                      aria-label={`${t('redact')} ${seq}`}
                      onClick={() => redact(seq)}
                    >
                      {t('redact')}
                    </Button>
                  ),
              },
            ]}
          />
          <nav class="pager" aria-label={t('messages')}>
            <Button disabled={before === undefined} onClick={() => setBefore(undefined)}>
              {t('newest')}
            </Button>
            <Button disabled={!has_more || poll.loading.value} onClick={() => setBefore(messages[0]?.seq)}>
              {t('older')}
            </Button>
          </nav>
        </>
      )}
    </Loaded>
  );
}

function Content({ message: { content, redacted } }: { message: RoomMessage }) {
  if (redacted) return <em class="soft">{t('redacted')}</em>;
  return <div class="wrap content">{textOf(content)}</div>;
}

/** Contents are whatever people and services send: the text where there is one, else its JSON. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  const { text } = (typeof content === 'object' && content !== null ? content : {}) as { text?: unknown };
  return typeof text === 'string' && Object.keys(content as object).length === 1 ? text : JSON.stringify(content);
}
