import type { Conversation } from './conversation.js';
import { harmlessLine } from './markdown/harmless.js';
import { t } from './texts.js';

/** Who is typing. Its place is always there, so that nothing moves when somebody begins. */
export function TypingLine({ conversation: { typing, members } }: { readonly conversation: Conversation }) {
  return (
    <p class="typing soft clip" aria-live="off">
      {say(typing.value.map((id) => harmlessLine(members.value.find(({ user_id }) => user_id === id)?.username ?? id)))}
    </p>
  );
}

function say([name, other, more]: readonly string[]): string {
  if (name === undefined) return '';
  if (other === undefined) return t('typingOne', { name });
  return more === undefined ? t('typingTwo', { name, other }) : t('typingMany');
}
