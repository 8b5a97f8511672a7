/**
 * The Redis pattern that matches what `pattern` does, and more: its `*` takes dots as well, so what comes is to be looked at
 * again.
 */
export function redisGlob(pattern: string): string {
  const tokens = pattern.split('.');
  return tokens
    .map((token, index) => {
      if (token === '*' || (token === '>' && index === tokens.length - 1)) return '*';
      return token.replace(/[?[\]\\*]/g, String.raw`\$&`);
    })
    .join('.');
}
