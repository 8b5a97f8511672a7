import { OnlineNews } from './online-news.js';

describe('the news of who is online', () => {
  it('are told at once, and then once a second however many come and go', () => {
    const news = new OnlineNews<string>();
    news.watch('a', 1);
    expect(news.dueIn(5000)).toBe(0);
    expect([...(news.tell(2, 5000) ?? [])]).toEqual(['a']);
    expect(news.dueIn(5001)).toBe(999);
    expect(news.dueIn(7000)).toBe(0);
  });

  it('are none when the count is back to what everybody knows', () => {
    const news = new OnlineNews<string>();
    news.watch('a', 1);
    expect(news.tell(1, 0)).toBeNull();
  });

  it('reach one who began to watch in the middle of a change that was undone', () => {
    const news = new OnlineNews<string>();
    news.watch('a', 4);
    news.watch('b', 5);
    expect([...(news.tell(4, 0) ?? [])]).toEqual(['a', 'b']);
    expect(news.tell(4, 2000)).toBeNull();
  });

  it('are for those who still watch', () => {
    const news = new OnlineNews<string>();
    news.watch('a', 1);
    news.watch('b', 1);
    news.unwatch('a');
    expect([...(news.tell(2, 0) ?? [])]).toEqual(['b']);
    news.unwatch('b');
    expect(news.dueIn(0)).toBeNull();
    expect(news.tell(3, 5000)).toBeNull();
  });
});
