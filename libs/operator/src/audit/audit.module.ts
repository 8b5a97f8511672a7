import { Module } from '@nestjs/common';
import { AuditController } from './audit.controller.js';
import { AuditLog } from './audit-log.js';
import { AuditWitness } from './audit-witness.js';

/** The audit log: who did what by the power of operators, and how it ended. */
@Module({ controllers: [AuditController], providers: [AuditLog, AuditWitness], exports: [AuditLog] })
export class AuditModule {}
