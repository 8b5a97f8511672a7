/** What a typed line asks for. */
export type Action =
  | { readonly do: 'say'; readonly text: string }
  | { readonly do: 'dm'; readonly user: string; readonly text: string }
  | { readonly do: 'join'; readonly room: string }
  | { readonly do: 'history'; readonly count: number }
  | { readonly do: 'who' | 'help' | 'quit' | 'nothing' }
  | { readonly do: 'complain'; readonly about: string };

export const HELP = [
  '/dm USER TEXT   say something to one person',
  '/who            who is in the room',
  '/history [N]    the last N messages (20, at most 200)',
  '/join ROOM      go to another room',
  '/quit           leave',
  '//TEXT          say something that begins with a slash',
];

/** Reads one line. */
export function readLine(line: string): Action {
  if (line.trim() === '') return { do: 'nothing' };
  if (line.startsWith('//')) return { do: 'say', text: line.slice(1) };
  if (!line.startsWith('/')) return { do: 'say', text: line };
  const [, command = '', rest = ''] = /^\/(\S*)\s*(.*)$/s.exec(line) ?? [];
  switch (command) {
    case 'dm':
      return readDirect(rest);
    case 'who':
    case 'help':
    case 'quit':
      return { do: command };
    case 'history':
      return readHistory(rest.trim());
    case 'join':
      return rest.trim() === '' ? { do: 'complain', about: '/join ROOM' } : { do: 'join', room: rest.trim() };
    default:
      return { do: 'complain', about: `there is no /${command}; /help names what there is` };
  }
}

function readDirect(rest: string): Action {
  const [, user, text] = /^(\S+)\s+(.*\S.*)$/s.exec(rest) ?? [];
  return user === undefined || text === undefined
    ? { do: 'complain', about: '/dm USER TEXT' }
    : { do: 'dm', user, text };
}

function readHistory(rest: string): Action {
  if (rest === '') return { do: 'history', count: 20 };
  const count = Number(rest);
  return Number.isInteger(count) && count >= 1 && count <= 200
    ? { do: 'history', count }
    : { do: 'complain', about: '/history N, with N from 1 to 200' };
}
