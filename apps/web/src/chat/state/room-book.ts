import type { ListedRoom, Room, RoomRole } from '@hubbub/protocol';
import { type ReadonlySignal, signal } from '@preact/signals';
import { harmlessLine } from '../conversation/markdown/harmless.js';

type Roles = ReadonlyMap<string, RoomRole>;

/** What the page has heard of rooms, by lists, answers and pushes. Plain data; what is not known of is not in it. */
export class RoomBook {
  private readonly infos = signal<ReadonlyMap<string, Room>>(new Map());
  private readonly counts = signal<ReadonlyMap<string, number>>(new Map());
  private readonly given = signal<ReadonlyMap<string, Roles>>(new Map());

  get rooms(): ReadonlySignal<ReadonlyMap<string, Room>> {
    return this.infos;
  }

  /** Unread messages as the gateway counted them; for rooms that are open, their conversations know better. */
  unread(roomId: string): number {
    return this.counts.value.get(roomId) ?? 0;
  }

  /** Takes over what a list says; names as they can be shown anywhere. */
  learn(rooms: readonly ListedRoom[]): void {
    if (rooms.length === 0) return;
    this.infos.value = new Map([
      ...this.infos.value,
      ...rooms.map((listed) => {
        const { unread: _, ...room } = listed;
        return [room.id, { ...room, name: harmlessLine(room.name) }] as const;
      }),
    ]);
    const counted = rooms.flatMap(({ id, unread }) => (unread === undefined ? [] : [[id, unread] as const]));
    if (counted.length > 0) this.counts.value = new Map([...this.counts.value, ...counted]);
  }

  count(roomId: string, unread: number): void {
    this.counts.value = new Map([...this.counts.value, [roomId, unread]]);
  }

  setMemberCount(roomId: string, member_count: number): void {
    const room = this.infos.value.get(roomId);
    if (room !== undefined && room.member_count !== member_count) this.learn([{ ...room, member_count }]);
  }

  /** It is no more, or not to be seen by this person any more. */
  forget(roomId: string): void {
    const infos = new Map(this.infos.value);
    if (!infos.delete(roomId)) return;
    this.infos.value = infos;
    const given = new Map(this.given.value);
    given.delete(roomId);
    this.given.value = given;
  }

  /** As far as it is known: `none` also stands for what nobody has said. */
  role(roomId: string, userId: string): RoomRole {
    if (this.infos.value.get(roomId)?.owner_id === userId) return 'owner';
    return this.given.value.get(roomId)?.get(userId) ?? 'none';
  }

  roles(roomId: string): Roles {
    return this.given.value.get(roomId) ?? new Map();
  }

  setRoles(roomId: string, roles: Roles): void {
    this.given.value = new Map([...this.given.value, [roomId, roles]]);
  }

  setRole(roomId: string, userId: string, role: RoomRole): void {
    const roles = new Map(this.roles(roomId));
    if (role === 'none') roles.delete(userId);
    else roles.set(userId, role);
    this.setRoles(roomId, roles);
  }
}
