/** Stands for what is not shown. */
export const HIDDEN = '…';

/** As far as the last `@`: a password may hold one, and there may be several servers. */
const USER_INFO = /^([a-z][a-z0-9+.-]*:\/\/)(?:([^:@/]*):)?.*@/is;
const SECRET_PARAMETER = /([?&][^=&]*(?:pass|pwd|token|secret|key|credential)[^=&]*=)[^&]*/gi;

/** A URL without passwords and tokens. Where they are in doubt, more is left out. */
export function redactedUrl(text: string): string {
  return text
    .replace(
      USER_INFO,
      (_, scheme: string, user?: string) => `${scheme}${user === undefined ? '' : `${user}:`}${HIDDEN}@`,
    )
    .replace(SECRET_PARAMETER, `$1${HIDDEN}`);
}
