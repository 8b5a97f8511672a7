import { RequirePermissions } from '@hubbub/auth';
import { Documented, QueryPipe } from '@hubbub/rooms';
import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Static } from 'typebox';
import { AuditPage, AuditPageQuery, wireEntry } from './audit-http.js';
import { AuditLog } from './audit-log.js';

const DEFAULT_LIMIT = 50;

/** The audit log over HTTP; for holders of `admin:system`. */
@ApiTags('operation')
@Controller('api/operator/audit')
export class AuditController {
  constructor(private readonly log: AuditLog) {}

  @Get()
  @RequirePermissions('admin:system')
  @Documented({
    summary: 'What was done by the power of admin:system and admin:room, the newest first',
    query: AuditPageQuery,
    response: AuditPage,
  })
  async page(
    @Query(new QueryPipe(AuditPageQuery)) query: Static<typeof AuditPageQuery>,
  ): Promise<Static<typeof AuditPage>> {
    const { cursor, limit = DEFAULT_LIMIT, actor, action, target } = query;
    const found = await this.log.page({ before: cursor, actorId: actor, action, target, limit: limit + 1 });
    const entries = found.slice(0, limit).map(wireEntry);
    const last = entries.at(-1);
    return found.length > limit && last ? { entries, next_cursor: last.id } : { entries };
  }
}
