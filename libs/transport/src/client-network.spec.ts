import { clientNetwork } from './client-network.js';

describe('clientNetwork', () => {
  it('is the address itself for IPv4, also when it comes as IPv6', () => {
    expect(clientNetwork('203.0.113.7')).toBe('203.0.113.7');
    expect(clientNetwork('::ffff:203.0.113.7')).toBe('203.0.113.7');
  });

  it('is one for all addresses of a /64, however they are written', () => {
    const same = [
      '2001:db8:0:1::',
      '2001:DB8:0:1::1',
      '2001:0db8:0000:0001:ffff:ffff:ffff:ffff',
      '2001:db8:0:1::1%eth0',
    ];
    expect(new Set(same.map(clientNetwork))).toEqual(new Set(['2001:db8:0:1::/64']));
    expect(clientNetwork('2001:db8:0:2::1')).not.toBe(clientNetwork('2001:db8:0:1::1'));
    expect(clientNetwork('::1')).toBe('0:0:0:0::/64');
    expect(clientNetwork('fe80::1')).toBe('fe80:0:0:0::/64');
    expect(clientNetwork('64:ff9b::192.0.2.1')).toBe('64:ff9b:0:0::/64');
  });

  it('is one for all who have gone before they were looked at: a reset socket has no address', () => {
    expect(clientNetwork(undefined)).toBe('');
  });

  it('leaves what is no address as it is', () => {
    expect(clientNetwork('unknown')).toBe('unknown');
  });
});
