import { isIPv6 } from 'node:net';

/**
 * What stands for one caller in limits by address: an IPv4 address, or the /64 network of an IPv6 address, of which
 * everybody has 2^64.
 * @param address undefined where the caller has gone already: all who have are one, as nobody waits for their answers
 */
export function clientNetwork(address: string | undefined): string {
  if (address === undefined) return '';
  if (!address.includes(':')) return address;
  const bare = address.split('%', 1)[0] ?? address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare);
  if (mapped?.[1]) return mapped[1];
  if (!isIPv6(bare)) return address;
  const [head = '', tail] = bare.split('::', 2);
  const before = head === '' ? [] : head.split(':');
  const after = tail ? tail.split(':') : [];
  // An IPv4 address at the end stands for two groups; only the number of groups matters here.
  const missing = 8 - before.length - after.length - (bare.includes('.') ? 1 : 0);
  const groups = [...before, ...(tail === undefined ? [] : Array<string>(Math.max(0, missing)).fill('0')), ...after];
  return `${groups
    .slice(0, 4)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
