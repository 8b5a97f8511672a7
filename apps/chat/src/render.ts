import type { StateChange } from '@hubbub/client';
import type { DirectMessage, Member, PushData, RoomMessage } from '@hubbub/protocol';
import { printable, printableLines } from './printable.js';

/** Lines to show. Everything that came from others is made safe here. */

function time(timestamp: number): string {
  const date = new Date(timestamp);
  return `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`;
}

/** Content is any JSON: text is shown as text, anything else as JSON. */
function contentText(content: unknown): string {
  return printableLines(typeof content === 'string' ? content : JSON.stringify(content));
}

export function roomMessage(message: RoomMessage): string {
  const said = message.redacted ? '(removed)' : contentText(message.content);
  return `${time(message.timestamp)} ${printable(message.sender_name)}: ${said}`;
}

/** @param me user id of the reader */
export function directMessage(message: DirectMessage, me: string): string {
  const { sender_id, sender_name, target_id, content, timestamp } = message;
  const from = sender_id === me ? 'you' : printable(sender_name);
  const to = target_id === me ? 'you' : printable(target_id);
  return `${time(timestamp)} ${from} → ${to}: ${contentText(content)}`;
}

/** @param me user id of the reader, whose own coming is not told */
export function presence({ joined, left, updated, member_count }: PushData<'presence'>, me: string): string[] {
  if (joined.length + left.length + updated.length === 0) return [`* ${member_count} here`];
  const others = (members: readonly Member[]) => members.filter(({ user_id }) => user_id !== me);
  return [
    ...others(joined).map(({ username, state }) => `* ${printable(username)} joined${stateText(state)}`),
    ...others(left).map(({ username }) => `* ${printable(username)} left`),
    ...others(updated).map(({ username, state }) => `* ${printable(username)} is${stateText(state) || ' as before'}`),
  ];
}

function stateText(state: Member['state']): string {
  return state === undefined ? '' : ` ${printable(JSON.stringify(state))}`;
}

/** @param more how many are not among the members given */
export function memberList(members: readonly Member[], more: number): string {
  const names = members.map(({ username, connections, state }) => {
    const times = connections > 1 ? ` ×${connections}` : '';
    return `${printable(username)}${times}${stateText(state)}`;
  });
  return `* here: ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** What a person should know of the connection; null for nothing. */
export function connection({ state, previous, retryInMs, error }: StateChange): string | null {
  if (state === 'offline') {
    const seconds = ((retryInMs ?? 0) / 1000).toFixed(1);
    return `! not connected: ${printable(error?.message ?? '')} Next try in ${seconds} s.`;
  }
  if (state === 'open' && previous === 'recovering') return '! connected again';
  return null;
}

export function lost(missed: number, where: string): string {
  const count = missed === 0 ? 'messages' : `${missed} messages`;
  return `! ${count} of ${printable(where)} were missed and cannot be had any more`;
}
