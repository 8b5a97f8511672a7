import type { Me } from '../state/entries.js';

/** What accounts of this server are named with; their ids are the same in lower case. */
const USERNAME = /^[A-Za-z0-9_-]{3,32}$/;

interface Known {
  readonly me: Pick<Me, 'userId' | 'username'>;
  readonly known: readonly { readonly userId: string; readonly username: string }[];
}

/**
 * The id of the one whom somebody means by what he typed: an id, or a name as he reads it everywhere. Nobody is asked, as a
 * gateway does not tell strangers who has an account; a wrong id would be invited, or written to, for ever in vain.
 */
export function userIdOf(typed: string, { me, known }: Known): string {
  const text = typed.trim();
  if (known.some(({ userId }) => userId === text)) return text;
  const wanted = text.toLowerCase();
  const named = known.filter(({ username }) => username.toLowerCase() === wanted);
  if (named.length === 1) return named[0]?.userId ?? text;
  // Those of another issuer may have any id.
  const hasAccount = me.userId === me.username.toLowerCase();
  return hasAccount && USERNAME.test(text) ? wanted : text;
}
