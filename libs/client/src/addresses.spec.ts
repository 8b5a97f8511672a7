import { Addresses } from './addresses.js';
import { seededRandom } from './testing/seeded-random.js';

const URLS = ['ws://a/ws', 'ws://b/ws', 'ws://c/ws'];
const inOrder = () => 0.999_999;

describe('Addresses', () => {
  it('are tried in turns', () => {
    const addresses = new Addresses(URLS, inOrder);
    expect(Array.from({ length: 7 }, () => addresses.take(0))).toEqual([...URLS, ...URLS, URLS[0]]);
  });

  it('begin at another one for each client, all of them alike', () => {
    const random = seededRandom(1);
    const first = Array.from({ length: 300 }, () => new Addresses(URLS, random).take(0));
    for (const url of URLS) expect(first.filter((one) => one === url).length).toBeGreaterThan(70);
    expect(new Addresses(URLS, () => 1).count).toBe(3);
  });

  it('that ask for patience are left alone for so long while there are others', () => {
    const addresses = new Addresses(URLS, inOrder);
    addresses.avoid('ws://b/ws', 1000);
    expect([addresses.take(0), addresses.take(0), addresses.take(0)]).toEqual(['ws://a/ws', 'ws://c/ws', 'ws://a/ws']);
    expect(addresses.waitMs(0)).toBe(0);
    expect(addresses.take(1000)).toBe('ws://b/ws');
  });

  it('that all ask for patience are waited for: the one first that asks for least', () => {
    const addresses = new Addresses(URLS, inOrder);
    for (const [index, url] of URLS.entries()) addresses.avoid(url, 9000 - index * 1000);
    expect(addresses.waitMs(5000)).toBe(2000);
    expect(addresses.take(5000)).toBe('ws://c/ws');
  });

  it('named twice count once', () => {
    expect(new Addresses([...URLS, ...URLS], inOrder).count).toBe(3);
  });

  it('are hopeless once every one was found to be no gateway', () => {
    const addresses = new Addresses(URLS, inOrder);
    for (const url of URLS) {
      expect(addresses.isHopeless).toBe(false);
      addresses.reject(url);
    }
    expect(addresses.isHopeless).toBe(true);
    addresses.take(0);
    expect(addresses.isHopeless).toBe(false);
  });
});
