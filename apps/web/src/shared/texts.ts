import { CommandError } from '@hubbub/client';
import { makeTexts } from './i18n.js';

/** Texts that both pages use, the gateway's errors in plain words among them. */
export const sharedTexts = makeTexts({
  en: {
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
  zh: {
    cancel: '取消',
    close: '关闭',
    dismiss: '关闭提示',
    loading: '加载中…',
    retry: '重试',
    waitSeconds: '尝试次数过多，请在 {count} 秒后重试。',
    waitMinutes: '尝试次数过多，请在 {count} 分钟后重试。',
    RateLimited: '尝试次数过多，请稍后再试。',
    Disconnected: '无法连接服务器。请检查网络后重试。',
    Closed: '连接已结束。',
    QueueFull: '等待发送的内容过多。',
    ServerError: '服务器出现问题，请稍后重试。',
    Timeout: '服务器响应超时，请重试。',
    InvalidFormat: '输入的内容有误。',
    Unauthorized: '您尚未登录。',
    Forbidden: '您没有权限执行此操作。',
    TokenExpired: '令牌已过期。',
    InvalidToken: '令牌无效。',
    UsernameTaken: '该用户名已被使用。',
    RoomNotFound: '房间不存在或已被删除。',
    RoomAlreadyExists: '该地址的房间已存在。',
    RoomFull: '房间已满。',
    NotInRoom: '您不在此房间中。',
    AlreadyInRoom: '您已在此房间中。',
    TooManyRooms: '您加入的房间过多，请先离开一个。',
    ClientNotFound: '没有使用此用户 ID 的人。',
    ClientOffline: '该用户不在线。',
    MessageTooLarge: '内容过大。',
    MessageNotFound: '该消息已不存在。',
    Unknown: '出了点问题。',
  },
});

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
