import { NatsAccess } from '@hubbub/bus';
import { ClusterEvents } from '@hubbub/cluster';
import { type INestApplication, type INestMicroservice, Inject, Injectable } from '@nestjs/common';
import { CommandServer } from '../nats/command-server.js';

/** Makes the application a hybrid one where its bus is NATS: from the moment the node has its lease it answers services. */
@Injectable()
export class CommandService {
  private microservice: INestMicroservice | null = null;

  constructor(
    private readonly server: CommandServer,
    @Inject(NatsAccess) private readonly nats: NatsAccess | null,
    cluster: ClusterEvents,
  ) {
    cluster.onReady(async () => {
      await this.microservice?.listen();
    });
  }

  /** To be called once, before the application is initialised. */
  connect(app: INestApplication): void {
    if (this.nats === null) return;
    this.microservice = app.connectMicroservice({ strategy: this.server });
  }
}
