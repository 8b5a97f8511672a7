import { useState } from 'preact/hooks';
import { Button } from '../../shared/ui/index.js';
import { formats, goTo, route, useConsole } from '../state/console.js';
import { routeTo } from '../state/route.js';
import { useLoad } from '../state/use-load.js';
import { ask } from '../ui/act.js';
import { Badge, Facts, Head } from '../ui/head.js';
import { Moment, UserLink } from '../ui/links.js';
import { Loaded, Unconfirmed } from '../ui/loaded.js';
import type { RoomAnswer } from './answers.js';
import { RoomHistory } from './room-history.js';
import { RoomMembers } from './room-members.js';
import { RoomRoles } from './room-roles.js';
import { RoomSettings } from './room-settings.js';
import { rateOf } from './rooms-view.js';
import { t } from './texts.js';

const TABS = ['members', 'messages', 'roles'] as const;

/** One room: its figures, who is in it, what was said, and what can be done about it. */
export function RoomView({ id }: { id: string }) {
  const { api } = useConsole();
  const poll = useLoad<RoomAnswer>(
    (signal) => api.get(`/operator/rooms/${encodeURIComponent(id)}`, {}, signal),
    id,
    5000,
  );
  return (
    <>
      {poll.data.value === null && <Head title={<span class="id">{id}</span>} />}
      <Loaded poll={poll}>{(answer) => <Shown answer={answer} refresh={() => void poll.refresh()} />}</Loaded>
    </>
  );
}

function Shown({ answer, refresh }: { answer: RoomAnswer; refresh: () => void }) {
  const { api } = useConsole();
  const [isEditing, setEditing] = useState(false);
  const f = formats.value;
  const { room, seq, epoch, message_rate, nodes, unconfirmed } = answer;
  const tab = TABS.find((one) => one === route.value.path[2]) ?? 'members';
  const remove = () =>
    ask({
      title: t('removeTitle', { room: room.id }),
      consequence: t('removeText', { count: room.member_count }),
      verb: t('removeVerb'),
      typed: room.id,
      run: () => api.delete(`/rooms/${encodeURIComponent(room.id)}`),
      after: () => goTo(routeTo(['rooms'])),
    });
  return (
    <>
      <Head
        title={
          <>
            <span class="id">{room.id}</span>{' '}
            <Badge tone={room.visibility === 'private' ? 'warning' : 'quiet'}>{t(room.visibility)}</Badge>
          </>
        }
        about={room.name === room.id ? undefined : room.name}
      >
        <a class="button plain" href={routeTo(['tap'], { room: room.id })}>
          {t('tap')}
        </a>
        <Button icon="edit" onClick={() => setEditing(true)}>
          {t('edit')}
        </Button>
        <Button icon="trash" kind="danger" onClick={remove}>
          {t('remove')}
        </Button>
      </Head>
      <Unconfirmed nodes={unconfirmed} />
      <Facts
        facts={[
          [t('members'), f.count(room.member_count)],
          [t('capacity'), room.max_clients === 0 ? t('noLimit') : f.count(room.max_clients)],
          [t('traffic'), rateOf(message_rate)],
          [t('head'), room.history === 'none' ? t('notKept') : f.count(seq)],
          [t('owner'), room.owner_id === undefined ? t('nobody') : <UserLink id={room.owner_id} />],
          [t('created'), <Moment key="created" at={room.created_at} />],
          [t('epoch'), <code key="epoch">{epoch}</code>],
          [t('onNodes'), <ByNode key="nodes" nodes={nodes} />],
        ]}
      />
      {Object.keys(room.metadata).length > 0 && (
        <details>
          <summary>{t('metadata')}</summary>
          <pre class="json" tabIndex={0}>
            {JSON.stringify(room.metadata, null, 2)}
          </pre>
        </details>
      )}
      <nav class="tabs" aria-label={room.id}>
        {TABS.map((one) => (
          <a key={one} href={routeTo(['rooms', room.id, one])} aria-current={one === tab ? 'page' : undefined}>
            {t(one)}
          </a>
        ))}
      </nav>
      {tab === 'members' && <RoomMembers roomId={room.id} />}
      {tab === 'messages' && <RoomHistory room={room} />}
      {tab === 'roles' && <RoomRoles answer={answer} refresh={refresh} />}
      {isEditing && <RoomSettings room={room} onClose={() => setEditing(false)} onSaved={refresh} />}
    </>
  );
}

/** A room may be on every node: their list is behind a click. */
function ByNode({ nodes }: { nodes: RoomAnswer['nodes'] }) {
  const f = formats.value;
  if (nodes.length === 0) return <>–</>;
  const list = (
    <ul>
      {nodes.map(({ node_id, members }) => (
        <li key={node_id}>
          {f.count(members)} <span class="id soft">{node_id}</span>
        </li>
      ))}
    </ul>
  );
  return nodes.length <= 3 ? (
    list
  ) : (
    <details>
      <summary>{f.count(nodes.length)}</summary>
      {list}
    </details>
  );
}
