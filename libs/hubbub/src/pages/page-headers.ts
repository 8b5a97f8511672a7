/**
 * What a page of ours may do: run its own scripts and styles, and talk to the gateway that served it. Pictures may come from
 * elsewhere, as people send them; no text of theirs can become a script, as nothing makes markup of texts (trusted types).
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' https: http: data: blob:",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  // Where the script of a SharedWorker is: the one address that is made by a script.
  'trusted-types hubbub-worker',
].join('; ');

const ANY = {
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** Asked for again each time: it names the files of the build it belongs to. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  ...ANY,
  'Content-Type': 'text/html; charset=utf-8',
  'Cache-Control': 'no-cache',
  'Content-Security-Policy': POLICY,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  'Referrer-Policy': 'no-referrer',
};

/** Of scripts, styles and pictures of the page, whose names change with their content. A worker has the policy that its script came with. */
export const ASSET_HEADERS: Readonly<Record<string, string>> = {
  ...ANY,
  'Cache-Control': 'public, max-age=31536000, immutable',
  'Content-Security-Policy': POLICY,
  Vary: 'Accept-Encoding',
};
