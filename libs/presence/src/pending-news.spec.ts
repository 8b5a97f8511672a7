import { PendingNews } from './pending-news.js';

const list = (due: Map<string, string[]>) => [...due].map(([room, users]) => `${room}: ${users.join(' ')}`);

describe('PendingNews', () => {
  it('is told once at first, and then three times again', () => {
    const news = new PendingNews();
    news.mark('r', 'ann');
    expect(list(news.again())).toEqual([]);
    expect(list(news.fresh())).toEqual(['r: ann']);
    expect(list(news.fresh())).toEqual([]);
    news.mark('r', 'bob');
    expect(list(news.again())).toEqual(['r: ann']);
    expect(list(news.fresh())).toEqual(['r: bob']);
    expect([news.again(), news.again()].map(list)).toEqual([['r: ann bob'], ['r: ann bob']]);
    expect(list(news.again())).toEqual(['r: bob']);
    expect(list(news.again())).toEqual([]);
    expect([news.hasFresh, news.hasRepeats]).toEqual([false, false]);
  });

  it('begins anew with every change, and ends with the member or the room', () => {
    const news = new PendingNews();
    news.mark('r', 'ann');
    news.mark('r', 'bob');
    news.mark('s', 'ann');
    news.fresh();
    news.mark('r', 'ann');
    expect(list(news.fresh())).toEqual(['r: ann']);
    news.drop('r', 'ann');
    news.drop('s');
    expect(list(news.again())).toEqual(['r: bob']);
  });
});
