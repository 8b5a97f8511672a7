import { harmlessLine } from '../conversation/markdown/harmless.js';

/** A room as it is written down before it is made or changed. */
export interface RoomForm {
  readonly name: string;
  /** Null until somebody writes one: then it follows the name. Empty: the gateway makes one. */
  readonly address: string | null;
  readonly topic: string;
  readonly isPrivate: boolean;
  readonly capacity: string;
}

const ROOM_ID = /^[A-Za-z0-9_][A-Za-z0-9_:.-]{0,127}$/;
const MOST = 1_000_000;

/** What the gateway would refuse, by field, as keys of texts. */
export function faultsOf({ name, address, capacity }: RoomForm) {
  return {
    ...(name.trim() === '' && { name: 'nameMissing' as const }),
    ...(address && !ROOM_ID.test(address) && { address: 'addressWrong' as const }),
    ...(!(/^\d{1,7}$/.test(capacity.trim()) && Number(capacity) <= MOST) && { capacity: 'capacityWrong' as const }),
  } as { readonly name?: 'nameMissing'; readonly address?: 'addressWrong'; readonly capacity?: 'capacityWrong' };
}

/** What a room is about; from its metadata, which other clients write too. */
export function topicOf(metadata: Readonly<Record<string, unknown>>): string {
  return typeof metadata.topic === 'string' ? harmlessLine(metadata.topic) : '';
}
