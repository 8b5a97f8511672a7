import { type Connection, Connections, type Push } from '@hubbub/transport';
import { Injectable, type OnModuleInit } from '@nestjs/common';

const NOBODY: ReadonlySet<Connection> = new Set();

/**
 * Named groups of this node's connections, for services inside the application: made by adding, gone with the last
 * connection, and without capacity, history or presence. A connection that ends is removed from all of its pools.
 */
@Injectable()
export class Pools implements OnModuleInit {
  private readonly pools = new Map<string, Set<Connection>>();
  private readonly poolsOf = new Map<Connection, Set<string>>();

  constructor(private readonly connections: Connections) {}

  onModuleInit(): void {
    this.connections.onClosed((connection) => {
      for (const name of this.poolsOf.get(connection) ?? []) this.remove(name, connection);
    });
  }

  /** @returns false if it is in the pool already, or has ended */
  add(name: string, connection: Connection): boolean {
    if (connection.hasEnded || this.pools.get(name)?.has(connection)) return false;
    enter(this.pools, name, connection);
    enter(this.poolsOf, connection, name);
    return true;
  }

  /** @returns false if it is not in the pool */
  remove(name: string, connection: Connection): boolean {
    leave(this.poolsOf, connection, name);
    return leave(this.pools, name, connection);
  }

  of(name: string): ReadonlySet<Connection> {
    return this.pools.get(name) ?? NOBODY;
  }

  /** Names of the pools that have connections. */
  names(): IterableIterator<string> {
    return this.pools.keys();
  }

  /** Sends `push` to all connections of the pool but `except`. */
  broadcast(name: string, push: Push, except?: Connection): void {
    for (const connection of this.of(name)) if (connection !== except) connection.send(push);
  }
}

function enter<K, V>(sets: Map<K, Set<V>>, key: K, value: V): void {
  const set = sets.get(key);
  if (set) set.add(value);
  else sets.set(key, new Set([value]));
}

function leave<K, V>(sets: Map<K, Set<V>>, key: K, value: V): boolean {
  const set = sets.get(key);
  if (!set?.delete(value)) return false;
  if (set.size === 0) sets.delete(key);
  return true;
}
