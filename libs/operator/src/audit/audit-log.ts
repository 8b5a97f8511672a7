import { Housekeeping } from '@hubbub/auth';
import { NodeInfo } from '@hubbub/bus';
import { ClusterClock } from '@hubbub/cluster';
import { HubbubConfig } from '@hubbub/config';
import { HubbubError } from '@hubbub/protocol';
import { Database } from '@hubbub/storage';
import type { Act } from '@hubbub/transport';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type { AuditEntryEntity } from './audit-entry.entity.js';
import { AuditIds, timeOf } from './audit-id.js';
import { type AuditQuery, auditStore } from './audit-store.js';
import type { AuditedAct } from './audited-acts.js';

/** Entries a transaction: other writes wait no longer than that takes. */
const BATCH = 500;
/** Of columns, in characters. */
const LENGTH = { name: 128, action: 256, node: 256, address: 64 };

/** What operators have done, as it is stored: before they do it, and how it ended. */
@Injectable()
export class AuditLog implements OnModuleInit {
  private readonly logger = new Logger('Audit');
  private readonly ids = new AuditIds();

  constructor(
    private readonly database: Database,
    private readonly node: NodeInfo,
    private readonly clock: ClusterClock,
    private readonly config: HubbubConfig,
    private readonly housekeeping: Housekeeping,
  ) {}

  onModuleInit(): void {
    this.housekeeping.also(() => this.prune());
  }

  /** Stores that an act begins. @returns its id. @throws HubbubError ServerError: it must not begin then */
  async record(
    { action, target, details }: AuditedAct,
    { caller, address }: Pick<Act, 'caller' | 'address'>,
  ): Promise<string> {
    const at = this.clock.now();
    const entry: AuditEntryEntity = {
      id: this.ids.next(at),
      at,
      actorId: caller.userId,
      actorName: fitting(caller.username, LENGTH.name),
      action: fitting(action, LENGTH.action),
      roomId: target.room_id ?? null,
      userId: target.user_id ?? null,
      connectionId: target.connection_id ?? null,
      targetNodeId: target.node_id ?? null,
      tokenId: target.token_id ?? null,
      seq: target.seq ?? null,
      details: JSON.stringify(details),
      outcome: 'begun',
      code: null,
      nodeId: fitting(this.node.nodeId, LENGTH.node),
      address: address === undefined ? null : fitting(address, LENGTH.address),
    };
    try {
      await this.database.transaction((manager) => auditStore.insert(manager, [entry]));
    } catch (error) {
      this.logger.error({ msg: 'refused what could not be written to the audit log', action, err: error });
      throw new HubbubError('ServerError', {
        message: 'The audit log cannot be written: nothing was done.',
        cause: error,
      });
    }
    return entry.id;
  }

  /** Stores how an act ended. Never throws: what cannot be stored stays `begun`, which says that nobody knows. */
  async settle(id: string, code: number): Promise<void> {
    const outcome = code === 0 ? 'done' : 'failed';
    try {
      await this.database.transaction((manager) => auditStore.settle(manager, id, outcome, code || null));
    } catch (error) {
      this.logger.error({
        msg: 'the outcome of an audited act could not be stored',
        entryId: id,
        outcome,
        code,
        err: error,
      });
    }
  }

  /** The newest first. @throws HubbubError ServerError */
  page(query: AuditQuery): Promise<AuditEntryEntity[]> {
    return this.database.read((manager) => auditStore.page(manager, query));
  }

  /** Deletes what is older than `audit.max_age_s`. @throws HubbubError ServerError */
  async prune(): Promise<void> {
    const { maxAgeS } = this.config.audit;
    if (maxAgeS === 0) return;
    const oldest = timeOf(this.clock.now() - maxAgeS * 1000);
    let removed: number;
    do {
      removed = await this.database.transaction((manager) => auditStore.prune(manager, oldest, BATCH));
    } while (removed === BATCH);
  }
}

/** As every database takes it: what a token names its user must not keep anything from being written. */
function fitting(text: string, length: number): string {
  return text.replaceAll('\0', '').slice(0, length).toWellFormed();
}
