import { KeptTexts, type TabStorage } from './kept-texts.js';

class Storage implements TabStorage {
  readonly items = new Map<string, string>();
  full = false;
  getItem(name: string): string | null {
    return this.items.get(name) ?? null;
  }
  setItem(name: string, text: string): void {
    if (this.full) throw new Error('QuotaExceededError');
    this.items.set(name, text);
  }
  removeItem(name: string): void {
    this.items.delete(name);
  }
}

describe('KeptTexts', () => {
  it('has the draft again after a reload, for each conversation its own', () => {
    const storage = new Storage();
    new KeptTexts('ann room lobby', storage).draft = 'half a sent';
    expect(new KeptTexts('ann room lobby', storage).draft).toBe('half a sent');
    expect(new KeptTexts('ann room other', storage).draft).toBe('');
    expect(new KeptTexts('bob room lobby', storage).draft).toBe('');
  });

  it('has what was sent in the moment of a reload, until the outbox keeps it', () => {
    const storage = new Storage();
    const texts = new KeptTexts('ann room lobby', storage);
    texts.draft = 'hello';
    texts.hand({ key: 'k1', text: 'hello', at: 1 });
    expect(texts.draft).toBe('');
    const reloaded = new KeptTexts('ann room lobby', storage);
    expect(reloaded.handed).toEqual([{ key: 'k1', text: 'hello', at: 1 }]);
    reloaded.drop('k1');
    expect(new KeptTexts('ann room lobby', storage).handed).toEqual([]);
    expect(storage.items.size).toBe(0);
  });

  it('goes on without a storage, with a full one, and with one that somebody else wrote into', () => {
    const storage = new Storage();
    storage.items.set('hubbub:handed:x', '[{"key":1},null,{"key":"k","text":"t","at":2}]');
    expect(new KeptTexts('x', storage).handed).toEqual([{ key: 'k', text: 't', at: 2 }]);
    storage.items.set('hubbub:handed:x', '{');
    expect(new KeptTexts('x', storage).handed).toEqual([]);
    storage.full = true;
    const texts = new KeptTexts('x', storage);
    texts.draft = 'a';
    texts.hand({ key: 'k', text: 'a', at: 1 });
    expect(texts.handed).toHaveLength(1);
    expect(new KeptTexts('x', null).draft).toBe('');
  });
});
