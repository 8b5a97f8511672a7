import { Accounts, AuthModule } from '@hubbub/auth';
import { NodeInfo } from '@hubbub/bus';
import { UserDirectory } from '@hubbub/messages';
import { NodeIdentity } from '@hubbub/transport';
import { Global, Module } from '@nestjs/common';

/** Binds the ports that libraries declare to those of their neighbours that they may not import. */
@Global()
@Module({
  imports: [AuthModule],
  providers: [
    { provide: NodeIdentity, useExisting: NodeInfo },
    { provide: UserDirectory, useExisting: Accounts },
  ],
  exports: [NodeIdentity, UserDirectory],
})
export class PortsModule {}
