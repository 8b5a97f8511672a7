import { Authenticated, CurrentUser, RequirePermissions } from '@hubbub/auth';
import { HubbubConfig } from '@hubbub/config';
import { COMMANDS, type CommandData, type Envelope, HubbubError, type ReplyData, rawMember } from '@hubbub/protocol';
import type { Connection, Deferred, Identity } from '@hubbub/transport';
import { CurrentEnvelope, Pipelined, RawJson, SchemaPipe } from '@hubbub/transport';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { Blocks } from './blocks.js';
import { DirectMessages } from './direct-messages.service.js';
import { encodeDirectMessage } from './encode.js';
import { InboxesService } from './inboxes.service.js';
import { MessageStore } from './message-store.js';
import { fittingPage } from './page-size.js';
import { UserDirectory } from './user-directory.js';

/** Commands about a user's own inbox. */
@WebSocketGateway()
export class InboxGateway {
  constructor(
    private readonly directMessages: DirectMessages,
    private readonly inboxes: InboxesService,
    private readonly store: MessageStore,
    private readonly blocks: Blocks,
    private readonly users: UserDirectory,
    private readonly config: HubbubConfig,
  ) {}

  @Pipelined()
  @RequirePermissions('send:message')
  @SubscribeMessage('direct_message')
  directMessage(
    @ConnectedSocket() connection: Connection,
    @CurrentUser() sender: Identity,
    @MessageBody(new SchemaPipe(COMMANDS.direct_message.data)) data: CommandData<'direct_message'>,
    @CurrentEnvelope() envelope: Envelope,
  ): Deferred<ReplyData<'direct_message'>> | Promise<Deferred<ReplyData<'direct_message'>>> {
    const message = {
      senderId: sender.userId,
      senderName: sender.username,
      targetId: data.target_id,
      contentJson: rawMember(envelope.source, 'data', 'content') ?? JSON.stringify(data.content),
      ...(data.idempotency_key === undefined ? {} : { idempotencyKey: data.idempotency_key }),
    };
    // Not an async method: only the look-up is worth a promise for every message.
    if (!this.config.auth.localOnly) return this.directMessages.send(message, connection);
    return this.mustExist(data.target_id).then(() => this.directMessages.send(message, connection));
  }

  @RequirePermissions('read:message')
  @SubscribeMessage('inbox')
  async inbox(
    @CurrentUser() { userId }: Identity,
    @MessageBody(new SchemaPipe(COMMANDS.inbox.data)) data: CommandData<'inbox'>,
  ): Promise<RawJson> {
    const { since, before, peer_id, limit = this.config.history.page } = data;
    // No further than the pushes are: a page must not tell of what this connection is about to be pushed.
    const head = this.inboxes.headOf(userId);
    const end = Math.min(before ?? Number.MAX_SAFE_INTEGER, head === null ? Number.MAX_SAFE_INTEGER : head + 1);
    const maxBytes = this.config.limits.sendBufferBytes;
    const [epoch, range] = await Promise.all([
      this.store.inboxEpoch(),
      this.store.readInbox(userId, {
        before: end,
        limit,
        maxBytes,
        ...(since === undefined ? { newest: true } : { after: since }),
        ...(peer_id === undefined ? {} : { peerId: peer_id }),
      }),
    ]);
    const page = fittingPage(range.messages, since === undefined, maxBytes);
    const messages = page.map(encodeDirectMessage).join(',');
    const hasMore = range.hasMore || page.length < range.messages.length;
    const seq = head ?? range.seq;
    return new RawJson(
      `{"messages":[${messages}],"epoch":${JSON.stringify(epoch)},"seq":${seq},"has_more":${hasMore}}`,
    );
  }

  @Authenticated()
  @SubscribeMessage('block_user')
  async blockUser(
    @CurrentUser() { userId }: Identity,
    @MessageBody(new SchemaPipe(COMMANDS.block_user.data)) { user_id, blocked }: CommandData<'block_user'>,
  ): Promise<ReplyData<'block_user'>> {
    await this.blocks.set(userId, user_id, blocked);
    return { user_id, blocked };
  }

  private async mustExist(userId: string): Promise<void> {
    if (!(await this.users.exists(userId))) throw new HubbubError('ClientNotFound');
  }
}
