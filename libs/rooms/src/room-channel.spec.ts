import type { LoggedMessage, Recipient } from '@hubbub/messages';
import { Deferred, Push } from '@hubbub/transport';
import fc from 'fast-check';
import { RoomChannel } from './room-channel.js';

/** A connection that writes down what it gets. */
class Listener implements Recipient {
  readonly pushes: Push[] = [];
  readonly heard: (number | string)[] = [];

  send(push: Push): void {
    this.pushes.push(push);
    const { seq } = JSON.parse(push.dataJson) as { seq?: number };
    this.heard.push(seq ?? push.messageType);
  }
}

const message = (seq: number): LoggedMessage => ({
  roomId: 'r',
  epoch: 'e',
  seq,
  senderId: 'ann',
  senderName: 'Ann',
  contentJson: '{"n":1.0}',
  timestamp: 1,
  redacted: false,
});

function setUp({ members = 1, head = 0 } = {}) {
  const channel = new RoomChannel<Listener>('e');
  channel.start(head);
  const listeners = Array.from({ length: members }, () => join(channel));
  const post = (seq: number, sender: Listener | null = null) =>
    channel.offer({ message: message(seq), sender, placed: () => sender?.heard.push(`reply ${seq}`) });
  return { channel, listeners, listener: listeners[0] as Listener, post };
}

function join(channel: RoomChannel<Listener>): Listener {
  const listener = new Listener();
  channel.hold(listener);
  channel.release(listener);
  return listener;
}

describe('RoomChannel', () => {
  it('encodes a message once and hands all members the same push, with the content as it was sent', () => {
    const { listeners, post } = setUp({ members: 50 });
    post(1);
    expect(new Set(listeners.flatMap(({ pushes }) => pushes)).size).toBe(1);
    expect(listeners[0]?.pushes[0]?.dataJson).toContain('"content":{"n":1.0}');
  });

  it('gives the sender its own message as the reply, at exactly its place', () => {
    const { listeners, post } = setUp({ members: 2 });
    const [sender, other] = listeners as [Listener, Listener];
    post(1);
    post(2, sender);
    post(3);
    expect(sender.heard).toEqual([1, 'reply 2', 3]);
    expect(other.heard).toEqual([1, 2, 3]);
  });

  it('lets the reply wait for the messages before it', () => {
    const { channel, listener, post } = setUp();
    post(2, listener);
    expect(listener.heard).toEqual([]);
    expect(channel.hole).toEqual({ after: 0, upTo: 1 });
    channel.receive([message(1)]);
    expect(listener.heard).toEqual([1, 'reply 2']);
    expect(channel.hole).toBeNull();
  });

  it('answers a repeated message once everything up to it was delivered', () => {
    const { channel, post } = setUp();
    const order: string[] = [];
    channel.whenReached(2, () => order.push('reached 2'));
    post(1);
    expect(order).toEqual([]);
    post(2);
    channel.whenReached(1, () => order.push('reached 1'));
    expect(order).toEqual(['reached 2', 'reached 1']);
  });

  it('holds back everything from one that is being told of its join, and then gives it what is above its head', () => {
    const { channel, post } = setUp({ head: 4 });
    post(5);
    const joining = new Listener();
    expect(channel.hold(joining)).toBe(5);
    post(6);
    channel.broadcast(Push.of('room_deleted', { room_id: 'r' }));
    post(7);
    expect(joining.heard).toEqual([]);
    channel.release(joining);
    post(8);
    expect(joining.heard).toEqual([6, 'room_deleted', 7, 8]);
  });

  it('calls the sender once, however many members were held while it was delivered', () => {
    const { channel, listener, post } = setUp();
    const held = [new Listener(), new Listener()];
    for (const each of held) channel.hold(each);
    post(1, listener);
    for (const each of held) channel.release(each);
    expect(listener.heard).toEqual(['reply 1']);
    expect(held.map(({ heard }) => heard)).toEqual([[1], [1]]);
  });

  it('gives ephemeral messages to all but their sender, in droppable frames', () => {
    const { channel, listeners } = setUp({ members: 2 });
    const [sender, other] = listeners as [Listener, Listener];
    const push = new Push('room_message', '{}', { droppable: true });
    channel.pass(
      () => push,
      sender,
      () => sender.heard.push('reply'),
    );
    expect(sender.heard).toEqual(['reply']);
    expect(other.pushes).toEqual([push]);
  });

  it('does not encode what nobody gets', () => {
    const { channel, listener } = setUp();
    let encoded = 0;
    channel.pass(
      () => {
        encoded++;
        return new Push('room_message', '{}');
      },
      listener,
      () => undefined,
    );
    expect(encoded).toBe(0);
  });

  it('keeps what was posted before it knew where the log stood, and leaves out what the log had', () => {
    const channel = new RoomChannel<Listener>('e');
    const placed: number[] = [];
    for (const seq of [3, 4, 5]) {
      channel.offer({ message: message(seq), sender: null, placed: () => placed.push(seq) });
    }
    const listener = new Listener();
    channel.start(3);
    channel.hold(listener);
    channel.release(listener);
    expect(channel.head).toBe(5);
    expect(placed).toEqual([4, 5, 3]);
  });

  it('answers everybody who waits for a place when the room is closed', () => {
    const channel = new RoomChannel<Listener>('e');
    const sender = new Listener();
    channel.hold(sender);
    channel.offer({ message: message(7), sender, placed: () => sender.heard.push('reply 7') });
    channel.whenReached(9, () => sender.heard.push('reached 9'));
    channel.close();
    expect(sender.heard).toEqual(['reply 7', 'reached 9']);
  });

  it('delivers everything once and in order, and answers every sender, also when far more is posted than may wait', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(
          Array.from({ length: 60 }, (_, n) => n + 1),
          { minLength: 60 },
        ),
        fc.array(fc.nat(59), { maxLength: 20 }),
        (order, repeats) => {
          const { channel, listeners, post } = setUp({ members: 2 });
          const [sender, other] = listeners as [Listener, Listener];
          for (const seq of [...order, ...repeats.map((at) => at + 1)]) post(seq, seq % 3 === 0 ? sender : null);
          expect(other.heard).toEqual(Array.from({ length: 60 }, (_, n) => n + 1));
          const own = sender.heard.map((each) => Number(String(each).replace('reply ', '')));
          expect([...new Set(own)]).toEqual(other.heard);
          expect(channel.hole).toBeNull();
        },
      ),
    );
  });

  it('fills from the log what it could not keep, and still answers the senders in their places', () => {
    const { channel, listener, post } = setUp();
    for (let seq = 2; seq <= 1500; seq++) post(seq, seq === 1400 ? listener : null);
    for (let { hole } = channel; hole !== null; { hole } = channel) {
      const { after, upTo } = hole;
      channel.receive(Array.from({ length: upTo - after }, (_, n) => message(after + 1 + n)));
    }
    const expected = Array.from({ length: 1500 }, (_, n) => (n + 1 === 1400 ? 'reply 1400' : n + 1));
    expect(listener.heard).toEqual(expected);
  });

  it('takes what other nodes tell of once, whatever comes twice or late', () => {
    const { channel, listener, post } = setUp();
    expect(channel.receive([message(2), message(3)])).toBe(2);
    expect(channel.isBehind).toBe(true);
    post(1, listener);
    expect(channel.receive([message(3), message(1), message(4)])).toBe(1);
    expect(listener.heard).toEqual(['reply 1', 2, 3, 4]);
    expect(channel.isBehind).toBe(false);
  });

  it('asks for what it was told to expect', () => {
    const { channel } = setUp({ head: 4 });
    channel.expect(6);
    expect([channel.isBehind, channel.hole]).toEqual([true, { after: 4, upTo: 6 }]);
  });

  it('shows every stored message, in order and before anybody gets it', () => {
    const seen: string[] = [];
    const channel = new RoomChannel<Recipient>('e', ({ seq }) => seen.push(`kept ${seq}`));
    channel.start(0);
    const recipient = { send: () => seen.push('pushed') };
    channel.hold(recipient);
    channel.release(recipient);
    channel.receive([message(2), message(1)]);
    channel.pass(
      () => new Push('room_message', '{}'),
      null,
      () => {},
    );
    expect(seen).toEqual(['kept 1', 'pushed', 'kept 2', 'pushed', 'pushed']);
  });

  it('never gives out a content that was redacted before its turn, by whatever way it comes', () => {
    const kept: LoggedMessage[] = [];
    const channel = new RoomChannel<Listener>('e', (each) => kept.push(each));
    channel.start(1);
    const listener = join(channel);
    channel.receive([message(3)]);
    for (const seq of [1, 3, 4, 5]) channel.redact(seq);
    expect(channel.hole).toEqual({ after: 1, upTo: 2 });
    channel.receive([message(2)]);
    channel.receive([message(4)]);
    channel.offer({ message: message(5), sender: null, placed: () => {} });
    channel.receive([message(6)]);
    const contents = listener.pushes.map(({ dataJson }) => (JSON.parse(dataJson) as { content: unknown }).content);
    expect(contents).toEqual([{ n: 1 }, null, null, null, { n: 1 }]);
    expect(kept.map(({ redacted }) => redacted)).toEqual([false, true, true, true, false]);
  });

  it('gives the sender the push when nobody waits for the answer any more', () => {
    const { channel, listeners } = setUp({ members: 2 });
    const [sender, other] = listeners as [Listener, Listener];
    const answer = new Deferred<void>();
    channel.offer({ message: message(1), sender, answer, placed: () => answer.resolve() });
    const late = new Deferred<void>();
    late.abandon();
    channel.offer({ message: message(2), sender, answer: late, placed: () => late.resolve() });
    expect(sender.heard).toEqual([2]);
    expect(sender.pushes[0]).toBe(other.pushes[1]);
  });

  it('lets nothing of the room overtake a reply that waits for those of earlier commands', () => {
    const { channel, listeners, post } = setUp({ members: 2 });
    const [sender, other] = listeners as [Listener, Listener];
    // What the router does: the reply is ready and waits.
    const delayed = (seq: number) => {
      const answer = new Deferred<void>();
      answer.onSettled(() => answer.delay());
      channel.offer({ message: message(seq), sender, answer, placed: () => answer.resolve() });
      return () => {
        sender.heard.push(`reply ${seq}`);
        answer.depart();
      };
    };
    post(1);
    const departSecond = delayed(2);
    post(3);
    const departFourth = delayed(4);
    post(5);
    expect([sender.heard, other.heard]).toEqual([[1], [1, 2, 3, 4, 5]]);
    departSecond();
    expect(sender.heard).toEqual([1, 'reply 2', 3]);
    departFourth();
    post(6);
    expect(sender.heard).toEqual([1, 'reply 2', 3, 'reply 4', 5, 6]);
  });

  it('gives the replies their places also where several have waited for one of an earlier command', () => {
    const { channel, listeners, post } = setUp({ members: 2 });
    const [sender, other] = listeners as [Listener, Listener];
    // What the router does: replies leave in the order of the commands.
    const waiting: { name: string; ready: boolean; answer: Deferred<void> }[] = [];
    const command = (name: string) => {
      const slot = { name, ready: false, answer: new Deferred<void>() };
      waiting.push(slot);
      slot.answer.onSettled(() => {
        slot.ready = true;
        while (waiting[0]?.ready) {
          const left = waiting.shift() as typeof slot;
          sender.heard.push(left.name);
          left.answer.depart();
        }
        if (waiting.includes(slot)) slot.answer.delay();
      });
      return slot.answer;
    };
    const own = (seq: number) => {
      const answer = command(`reply ${seq}`);
      channel.offer({ message: message(seq), sender, answer, placed: () => answer.resolve() });
    };
    const repeated = command('repeat of 2');
    channel.whenReached(2, () => repeated.resolve());
    own(3);
    post(4);
    post(5);
    own(6);
    own(7);
    post(8);
    channel.receive([message(1), message(2)]);
    expect(sender.heard).toEqual([1, 2, 'repeat of 2', 'reply 3', 4, 5, 'reply 6', 'reply 7', 8]);
    expect(other.heard).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('goes on behind what the log does not keep any more', () => {
    const { channel, listener, post } = setUp();
    post(5, listener);
    channel.skip(4);
    post(6);
    expect(listener.heard).toEqual(['reply 5', 6]);
  });
});
