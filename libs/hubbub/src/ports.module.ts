import { Accounts, AuthModule } from '@hubbub/auth';
import { NodeInfo } from '@hubbub/bus';
import { Contact } from '@hubbub/cache';
import { ClusterContact, NodeRegistry } from '@hubbub/cluster';
import { UserDirectory } from '@hubbub/messages';
import { NodeIdentity, Standing } from '@hubbub/transport';
import { Global, Module } from '@nestjs/common';

/** Binds the ports that libraries declare to those of their neighbours that they may not import. */
@Global()
@Module({
  imports: [AuthModule],
  providers: [
    { provide: Contact, useExisting: ClusterContact },
    { provide: NodeIdentity, useExisting: NodeInfo },
    { provide: Standing, useExisting: NodeRegistry },
    { provide: UserDirectory, useExisting: Accounts },
  ],
  exports: [Contact, NodeIdentity, Standing, UserDirectory],
})
export class PortsModule {}
