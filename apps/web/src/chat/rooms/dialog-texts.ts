import { makeTexts } from '../../shared/i18n.js';

/** Texts of the dialogs about rooms. */
export const t = makeTexts(
  {
    createAction: 'Create',
    name: 'Name',
    namePlaceholder: 'e.g. Lunch plans',
    nameMissing: 'Give the room a name.',
    address: 'Address',
    addressHint: 'Part of the link to the room, and what others find it by. It stays as it is.',
    addressWrong: 'Use letters, digits, and _ : . - (not at the beginning but for _).',
    topic: 'Topic',
    topicHint: 'What it is about, in a line. Optional.',
    isPrivate: 'Private',
    privateHint: 'Only people you invite can see and enter it.',
    capacity: 'Most people at once',
    capacityHint: '0 for no limit.',
    capacityWrong: 'Enter a number from 0 to 1,000,000.',
    more: 'More options',
    leaveTitle: 'Leave “{room}”?',
    leaveText: 'You can enter again at any time.',
    leavePrivate: 'You can enter again as long as you are invited.',
    deleteTitle: 'Delete “{room}”?',
    deleteText: 'The room and all its messages are deleted for everybody. This cannot be undone.',
    deleteTyped: 'To confirm, type the name of the room: {name}',
    save: 'Save',
    saved: 'Saved.',
    created: 'Created {date}',
    present: 'Here now',
    owner: 'Owner',
    inviteTitle: 'Invite people to “{room}”',
    invitePublic: 'Anybody can enter this room: sending the link is enough.',
    userIdMissing: 'Enter a user ID.',
    userIdOwn: 'That is you: you may enter already.',
    inviteAction: 'Invite',
    invited: '{user} is invited.',
    invitedList: 'Invited',
    rolesTitle: 'Roles and bans in “{room}”',
    rolesNone: 'Nobody has a role here but the owner.',
    role_owner: 'Owner',
    role_moderator: 'Moderator',
    role_member: 'Member',
    role_invited: 'Invited',
    role_banned: 'Banned',
    role_none: 'No role',
    unban: 'Lift the ban',
    takeRole: 'Take the role',
  },
  () => import('./dialog-texts.zh.js'),
);

/** A room's role in words. */
export function sayRole(role: 'owner' | 'moderator' | 'member' | 'invited' | 'banned' | 'none'): string {
  return t(`role_${role}`);
}
