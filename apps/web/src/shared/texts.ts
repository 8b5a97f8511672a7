import { CommandError } from '@hubbub/client';
import { makeTexts } from './i18n.js';

/** Texts that both pages use, the gateway's errors in plain words among them. */
export const sharedTexts = makeTexts(
  {
    cancel: 'Cancel',
    close: 'Close',
    dismiss: 'Dismiss',
    loading: 'Loading…',
    retry: 'Try again',
    waitSeconds: {
      one: 'Too many attempts. Try again in {count} second.',
      other: 'Too many attempts. Try again in {count} seconds.',
    },
    waitMinutes: {
      one: 'Too many attempts. Try again in {count} minute.',
      other: 'Too many attempts. Try again in {count} minutes.',
    },
    RateLimited: 'Too many attempts. Wait a little and try again.',
    Disconnected: 'The server cannot be reached. Check your connection and try again.',
    Closed: 'The connection has ended.',
    QueueFull: 'Too much is waiting to be sent.',
    ServerError: 'The server is having trouble. Try again in a moment.',
    Timeout: 'The server took too long to answer. Try again.',
    InvalidFormat: 'Something in what you entered is not valid.',
    Unauthorized: 'You are not signed in.',
    Forbidden: 'You are not allowed to do this.',
    TokenExpired: 'The token has expired.',
    InvalidToken: 'The token is not valid.',
    UsernameTaken: 'This username is taken.',
    RoomNotFound: 'There is no such room, or it was deleted.',
    RoomAlreadyExists: 'A room with this address exists already.',
    RoomFull: 'The room is full.',
    NotInRoom: 'You are not in this room.',
    AlreadyInRoom: 'You are in this room already.',
    TooManyRooms: 'You are in too many rooms. Leave one first.',
    ClientNotFound: 'There is nobody with this user ID.',
    ClientOffline: 'This user is not online.',
    MessageTooLarge: 'This is too large.',
    MessageNotFound: 'The message is not there any more.',
    Unknown: 'Something went wrong.',
  },
  () => import('./texts.zh.js'),
);

type ErrorKey = Exclude<
  Parameters<typeof sharedTexts>[0],
  'cancel' | 'close' | 'dismiss' | 'loading' | 'retry' | 'waitSeconds' | 'waitMinutes'
>;

/** What went wrong, in words for people; for an error of a kind that has none here, its own. */
export function sayError(error: unknown): string {
  if (!(error instanceof CommandError)) return sharedTexts('Unknown');
  if (error.name === 'RateLimited' && error.retryAfterMs !== undefined) return sayWait(error.retryAfterMs);
  if (error.name === 'Unknown') return error.message || sharedTexts('Unknown');
  return sharedTexts(error.name as ErrorKey) || error.message;
}

function sayWait(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  return seconds < 100
    ? sharedTexts('waitSeconds', { count: seconds })
    : sharedTexts('waitMinutes', { count: Math.ceil(seconds / 60) });
}
