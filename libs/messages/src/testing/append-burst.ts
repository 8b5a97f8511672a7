import { writeSync } from 'node:fs';
import { openMessages } from './open-messages.js';

/**
 * A program: `append-burst FILE RUN`. Twenty senders post to two rooms as fast as they are answered, until the process is
 * killed. Each message that was acknowledged is a line of standard output: room, seq, content.
 */
const [file = '', run = ''] = process.argv.slice(2);
const messages = await openMessages({ file });

for (const roomId of ['a', 'b']) {
  await messages.log.head(roomId).catch(() => messages.createRoom(roomId));
}

function post(sender: number, count: number): void {
  const roomId = sender % 2 === 0 ? 'a' : 'b';
  const contentJson = JSON.stringify(`${run}-${sender}-${count}`);
  const idempotencyKey = `${run}-${count}`;
  messages.log
    .append({ roomId, senderId: `user${sender}`, senderName: 'User', contentJson, idempotencyKey })
    .onSettled((error, stored) => {
      if (error !== undefined) throw error;
      say(`${roomId} ${stored?.seq} ${contentJson}\n`);
      post(sender, count + 1);
    });
}

/** Synchronous: what the test has read was acknowledged, and what was acknowledged it can read. */
function say(line: string): void {
  for (;;) {
    try {
      writeSync(1, line);
      return;
    } catch (error) {
      // The pipe is full: a busy test reads later.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}

for (let sender = 0; sender < 20; sender++) post(sender, 0);
