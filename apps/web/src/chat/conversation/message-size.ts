import type { Target } from '../state/target.js';

const encoder = new TextEncoder();

/** How many bytes the frame has that carries a text: what the gateway's `max_message_bytes` limits. */
export function messageBytes({ kind, id }: Target, text: string): number {
  const place = kind === 'room' ? { room_id: id } : { target_id: id };
  const data = { ...place, content: { text }, idempotency_key: '0'.repeat(32) };
  const type = kind === 'room' ? 'room_message' : 'direct_message';
  const frame = { message_type: type, message_id: Number.MAX_SAFE_INTEGER, data };
  // A short one fits anywhere: this is asked at every key.
  const json = JSON.stringify(frame);
  return json.length * 3 < 2048 ? json.length : encoder.encode(json).length;
}
