import type { Member } from '@hubbub/protocol';
import { useEffect, useRef } from 'preact/hooks';
import { Avatar, IconButton } from '../../shared/ui/index.js';
import type { Conversation } from './conversation.js';
import { harmlessLine } from './markdown/harmless.js';
import { t } from './texts.js';

export interface MembersProps {
  readonly conversation: Conversation;
  readonly onUser: (userId: string) => void;
  readonly onClose: () => void;
}

/** Who is in the room, and how. */
export function Members({ conversation, onUser, onClose }: MembersProps) {
  const members = conversation.members.value;
  const first = useRef<HTMLElement>(null);
  useEffect(() => first.current?.querySelector('button')?.focus(), []);
  return (
    <aside
      ref={first}
      class="members"
      aria-label={t('membersTitle')}
      onKeyDown={({ key }) => {
        if (key === 'Escape') onClose();
      }}
    >
      <header>
        <h3>{t('membersTitle')}</h3>
        <IconButton icon="close" label={t('closeMembers')} onClick={onClose} />
      </header>
      {members.length === 0 && <p class="soft">{t('membersHidden', { count: conversation.memberCount.value })}</p>}
      <ul>
        {members.map((member) => (
          <li key={member.user_id}>
            <Row member={member} onUser={onUser} />
          </li>
        ))}
      </ul>
    </aside>
  );
}

function Row({ member: { user_id: id, username, state }, onUser }: { member: Member } & Pick<MembersProps, 'onUser'>) {
  const status = state?.status === 'away' || state?.status === 'busy' ? state.status : 'online';
  const said = typeof state?.text === 'string' ? harmlessLine(state.text) : '';
  const name = harmlessLine(username || id);
  return (
    <button type="button" onClick={() => onUser(id)}>
      <Avatar userId={id} name={name} status={status} />
      <span class="who">
        <span class="clip">{name}</span>
        <span class={status === 'online' && !said ? 'unseen' : 'soft clip'}>{said || t(status)}</span>
      </span>
    </button>
  );
}
