import { type Connection, Connections, Push } from '@hubbub/transport';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InboxFeed } from './inbox-feed.js';

/** Pushes to all devices of a user, at whichever node: at most once, as nothing keeps them. */
@Injectable()
export class UserPushes implements OnModuleInit {
  constructor(
    private readonly connections: Connections,
    private readonly feed: InboxFeed,
  ) {}

  onModuleInit(): void {
    this.feed.onText('push', (userId, note) => {
      const end = note.indexOf('\n');
      this.sendHere(userId, new Push(note.slice(0, end), note.slice(end + 1)), null);
    });
  }

  /** @param except is told otherwise */
  send(userId: string, push: Push, except: Connection | null): void {
    this.feed.publishText(userId, 'push', `${push.messageType}\n${push.dataJson}`);
    this.sendHere(userId, push, except);
  }

  private sendHere(userId: string, push: Push, except: Connection | null): void {
    for (const connection of this.connections.ofUser(userId)) if (connection !== except) connection.send(push);
  }
}
