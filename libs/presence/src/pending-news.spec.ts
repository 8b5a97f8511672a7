import { PendingNews, type UsersByRoom } from './pending-news.js';

const list = (due: UsersByRoom) => [...due].map(([room, users]) => `${room}: ${users.join(' ')}`);

describe('PendingNews', () => {
  let news: PendingNews;
  beforeEach(() => {
    news = new PendingNews();
  });

  it('is told to all once, and then to each that follows the room until it confirms', () => {
    for (const user of ['ann', 'bob', 'ann']) news.mark('r', user);
    expect([list(news.tell()), list(news.tell())]).toEqual([['r: ann bob'], []]);
    expect(news.audience(() => ['n1', 'n2'])).toEqual(['n1', 'n2']);
    const due = news.take('n1', 9);
    expect([list(due), list(news.take('n2', 9)), news.isEmpty]).toEqual([['r: ann bob'], ['r: ann bob'], true]);
    news.putBack('n1', due);
    expect([news.audience(() => []), list(news.take('n1', 9)), news.isEmpty]).toEqual([['n1'], ['r: ann bob'], true]);
  });

  it('is nothing to nobody', () => {
    news.mark('r', 'ann');
    news.tell();
    expect([news.audience(() => []), news.isEmpty]).toEqual([[], true]);
  });

  it('is said in portions', () => {
    for (const [room, user] of ['r ann', 'r bob', 's ann', 's bob'].map((each) => each.split(' '))) {
      news.mark(room as string, user as string);
    }
    news.tell();
    news.audience(() => ['n1']);
    const portions = [1, 2, 3, 4].map(() => list(news.take('n1', 3)));
    expect(portions).toEqual([['r: ann bob', 's: ann'], ['s: bob'], [], []]);
  });

  it('ends with the member, the room or the node', () => {
    for (const user of ['ann', 'bob']) news.mark('r', user);
    news.mark('s', 'ann');
    news.tell();
    news.audience(() => ['n1', 'n2']);
    news.mark('r', 'ann');
    news.drop('r', 'ann');
    news.drop('s');
    expect([news.hasUntold, list(news.take('n1', 9))]).toEqual([false, ['r: bob']]);
    news.forget('n2');
    expect(news.isEmpty).toBe(true);
  });
});
