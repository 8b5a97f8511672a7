import type { LeaveReason } from '@hubbub/client';
import type { Room, RoomRole } from '@hubbub/protocol';

/** What happens to this person without his doing, and should be said. */
export type News =
  | { readonly kind: 'invited'; readonly room: Room }
  | {
      readonly kind: 'out';
      readonly roomId: string;
      readonly name: string;
      readonly reason: LeaveReason;
      readonly why?: string;
    }
  | { readonly kind: 'role'; readonly name: string; readonly role: RoomRole }
  | { readonly kind: 'direct'; readonly name: string }
  | { readonly kind: 'broadcast'; readonly message: unknown };
