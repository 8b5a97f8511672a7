/** What can be said for a command besides whose it is. */
export type Field = 'room_id' | 'target_id' | 'role' | 'seq';

const FIELDS: Readonly<Record<string, readonly Field[]>> = {
  join_room: ['room_id'],
  room_message: ['room_id'],
  room_history: ['room_id'],
  room_members: ['room_id'],
  leave_room: ['room_id'],
  create_room: ['room_id'],
  update_room: ['room_id'],
  delete_room: ['room_id'],
  list_rooms: [],
  set_presence: ['room_id'],
  mark_read: ['room_id', 'seq'],
  redact_message: ['room_id', 'seq'],
  kick_member: ['room_id', 'target_id'],
  set_member: ['room_id', 'target_id', 'role'],
  direct_message: ['target_id'],
  block_user: ['target_id'],
  inbox: [],
  watch_online: [],
};

export const COMMANDS = Object.keys(FIELDS);

/** What to ask for; of a command of an application's own, or of a permission, the room. */
export function fieldsOf(command: string): readonly Field[] {
  return Object.hasOwn(FIELDS, command) ? (FIELDS[command] as readonly Field[]) : ['room_id'];
}

/** `data` of the command as its client would send it, as far as it is looked at; what is empty is not said. */
export function dataOf(command: string, values: Readonly<Record<Field, string>>): Record<string, string | number> {
  const said = fieldsOf(command).map((field) => [field, values[field].trim()] as const);
  return Object.fromEntries(
    said.filter(([, value]) => value !== '').map(([field, value]) => [field, field === 'seq' ? Number(value) : value]),
  );
}
