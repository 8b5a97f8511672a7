import { createHash } from 'node:crypto';
import { HubbubConfig } from '@hubbub/config';
import { type Catalogue, type Contract, catalogueOf, contractOf } from '@hubbub/protocol/contract';
import { CommandTable, SpokenContract } from '@hubbub/transport';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { VERSION } from '../version.js';
import { asyncApiOf } from './async-api.js';
import { messagesPage } from './messages-page.js';

/** Long enough that two contracts of one application never share it, short enough to read out. */
const HASH_LENGTH = 12;

/**
 * What this gateway speaks: the built-in commands that are on and those of the application, as its table of handlers has
 * them. Documents are made when the first one asks for them, as most nodes are never asked.
 */
@Injectable()
export class ContractService extends SpokenContract implements OnApplicationBootstrap {
  hash = '';
  private readonly made = new Map<string, string>();

  constructor(
    private readonly table: CommandTable,
    private readonly config: HubbubConfig,
  ) {
    super();
  }

  /** By then every gateway is in the table, and nobody is connected yet. */
  onApplicationBootstrap(): void {
    this.hash = hashOf(contractOf(this.catalogue()));
  }

  /** As JSON: what `contract:check` compares, and what the hash is of. */
  contract(): string {
    return this.once('contract', () => JSON.stringify(contractOf(this.catalogue())));
  }

  /** The AsyncAPI document, as JSON. */
  asyncApi(): string {
    return this.once('asyncapi', () => {
      const { wsPath, port } = this.config.server;
      return JSON.stringify(asyncApiOf(this.catalogue(), { version: VERSION, wsPath, port }));
    });
  }

  /** The same for people. */
  page(): string {
    return this.once('page', () => messagesPage(this.catalogue(), { version: VERSION, contract: this.hash }));
  }

  private catalogue(): Catalogue {
    return catalogueOf(this.table.routes.values());
  }

  private once(name: string, make: () => string): string {
    const made = this.made.get(name) ?? make();
    this.made.set(name, made);
    return made;
  }
}

/** One contract has one hash, whatever the order in which its parts were found. */
export function hashOf(contract: Contract): string {
  return createHash('sha256').update(JSON.stringify(contract)).digest('hex').slice(0, HASH_LENGTH);
}
