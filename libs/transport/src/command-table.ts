import { Metrics } from '@hubbub/observability';
import { isMessageType, replyTypeOf } from '@hubbub/protocol';
import { Injectable, Logger, Optional, type Type } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/internal';
import { GATEWAY_METADATA, MESSAGE_MAPPING_METADATA, MESSAGE_METADATA } from '@nestjs/websockets/internal';
import { Acts } from './acts.js';
import { BuiltIns } from './built-ins.js';
import { type CommandContract, contractOf } from './command-contract.js';
import { CommandStats } from './command-stats.js';
import type { Connection } from './connection.js';
import {
  ALLOW_UNIDENTIFIED_METADATA,
  CHANGES_NOTHING_METADATA,
  PIPELINED_METADATA,
  REPLIES_METADATA,
  type RepliesMetadata,
} from './decorators.js';
import type { HandlerChain } from './handler-chain.js';
import { HandlerPlanner } from './handler-planner.js';

/** One message type and what serves it. */
export interface Route {
  readonly type: string;
  readonly replyType: string;
  /** Null where nothing handles the type. */
  readonly chain: HandlerChain | null;
  readonly pipelined: boolean;
  readonly allowUnidentified: boolean;
  readonly stats: CommandStats;
  /** What documents tell of it. */
  readonly contract: CommandContract;
}

const NO_CONTRACT: CommandContract = { schema: null, reply: null, streams: false, permissions: [] };

/** What is served to types without a handler: counted together, as clients make them up. */
export function unhandled(metrics: Metrics): Route {
  const type = 'unknown';
  const stats = new CommandStats(metrics, type);
  return { type, replyType: '', chain: null, pipelined: false, allowUnidentified: false, stats, contract: NO_CONTRACT };
}

/** Reads the methods of all gateways once, at start. */
@Injectable()
export class CommandTable {
  /** Every message type that is served, as `build` found them. */
  routes: ReadonlyMap<string, Route> = new Map();
  private readonly logger = new Logger('CommandTable');

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly planner: HandlerPlanner,
    private readonly metrics: Metrics,
    @Optional() private readonly builtIns?: BuiltIns,
    @Optional() private readonly acts?: Acts,
  ) {}

  /**
   * @throws Error for two handlers of one type, a pattern that no envelope can carry, and gateways that are not
   * singletons: they would have to be made anew for every command
   */
  build(): Map<string, Route> {
    const scoped = this.planner.scopedGlobals();
    if (scoped.length > 0) {
      this.logger.warn({ msg: 'request-scoped global enhancers do not apply to commands', kinds: scoped });
    }
    const routes = new Map<string, Route>();
    const owners = new Map<string, Owner>();
    for (const wrapper of this.discovery.getProviders()) {
      if (!isGateway(wrapper)) continue;
      const builtIn = this.isBuiltIn(wrapper);
      for (const [handler, route] of this.routesOf(wrapper)) {
        const owner = owners.get(route.type);
        if (owner !== undefined) throw twoHandlers(route.type, owner, { handler, builtIn });
        owners.set(route.type, { handler, builtIn });
        routes.set(route.type, route);
      }
    }
    this.routes = routes;
    return routes;
  }

  private routesOf(wrapper: InstanceWrapper): [handler: string, Route][] {
    const instance = wrapper.instance as object;
    const methods = instance as Record<string, object>;
    const names = this.scanner
      .getAllMethodNames(Object.getPrototypeOf(instance) as object)
      .filter((name) => Reflect.hasMetadata(MESSAGE_MAPPING_METADATA, methods[name] as object))
      .filter((name) => !this.isOff(wrapper, Reflect.getMetadata(MESSAGE_METADATA, methods[name] as object) as string));
    if (names.length > 0 && (!wrapper.isDependencyTreeStatic() || wrapper.isTransient)) {
      throw new Error(
        `${instance.constructor.name} is request-scoped or transient, or depends on such a provider, guard or pipe: gateways must be singletons`,
      );
    }
    return names.map((name) => {
      const handler = `${instance.constructor.name}.${name}`;
      return [handler, this.route(instance, name, handler, wrapper.host?.token ?? '')];
    });
  }

  private isBuiltIn({ metatype }: InstanceWrapper): boolean {
    return this.builtIns?.has(metatype as Type) === true;
  }

  private isOff(wrapper: InstanceWrapper, type: string): boolean {
    return this.isBuiltIn(wrapper) && this.builtIns?.isOff(type) === true;
  }

  private route(instance: object, name: string, handler: string, moduleKey: string): Route {
    const method = (instance as Record<string, object>)[name] as object;
    const type: unknown = Reflect.getMetadata(MESSAGE_METADATA, method);
    if (!isMessageType(type)) {
      throw new Error(`${handler}: a message type is a string of 1 to 64 of A-Z a-z 0-9 _ : . -`);
    }
    const replies = Reflect.getMetadata(REPLIES_METADATA, method) as RepliesMetadata | undefined;
    if (replies?.type !== undefined && !isMessageType(replies.type)) {
      throw new Error(`${handler}: the type of its reply is not 1 to 64 of A-Z a-z 0-9 _ : . -`);
    }
    const contract = contractOf(instance.constructor as Type, name, type);
    const chain = this.planner.compile(instance, name, moduleKey);
    const reads = Reflect.getMetadata(CHANGES_NOTHING_METADATA, method) === true;
    return {
      type,
      replyType: replies?.type ?? replyTypeOf(type) ?? `${type}_reply`,
      chain: reads ? chain : this.witnessed(type, contract, chain),
      pipelined: Reflect.getMetadata(PIPELINED_METADATA, method) === true,
      allowUnidentified: Reflect.getMetadata(ALLOW_UNIDENTIFIED_METADATA, method) === true,
      stats: new CommandStats(this.metrics, type),
      contract,
    };
  }

  /** Decided once, so that the commands that nobody stands beside are what they were. */
  private witnessed(action: string, { permissions }: CommandContract, chain: HandlerChain): HandlerChain {
    const { acts } = this;
    if (acts === undefined || !acts.watches(action, permissions)) return chain;
    return (args) => {
      const [connection, data] = args;
      const { identity: caller, remoteAddress: address } = connection as Connection;
      if (caller === null) return chain(args);
      return acts.do({ action, permissions, caller, address, data }, () => chain(args));
    };
  }
}

interface Owner {
  readonly handler: string;
  readonly builtIn: boolean;
}

function twoHandlers(type: string, first: Owner, second: Owner): Error {
  const both = `"${type}" has two handlers: ${first.handler} and ${second.handler}`;
  if (first.builtIn === second.builtIn) return new Error(both);
  return new Error(`${both}; to have yours in place of Hubbub's, leave that out: { without: ['${type}'] }`);
}

function isGateway(wrapper: InstanceWrapper): boolean {
  const { metatype, isNotMetatype } = wrapper;
  return typeof metatype === 'function' && !isNotMetatype && Reflect.hasMetadata(GATEWAY_METADATA, metatype);
}
