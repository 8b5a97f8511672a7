import { SpokenContract } from '@hubbub/transport';
import { Global, Module } from '@nestjs/common';
import { ContractService } from './contract.service.js';

/** The documents of what the gateway speaks, and its hash, which `connected` names. */
@Global()
@Module({
  providers: [ContractService, { provide: SpokenContract, useExisting: ContractService }],
  exports: [SpokenContract],
})
export class ContractModule {}
