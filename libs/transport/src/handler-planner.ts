import type { ExecutionContext, PipeTransform, Type } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import {
  CUSTOM_ROUTE_ARGS_METADATA,
  EXCEPTION_FILTERS_METADATA,
  ROUTE_ARGS_METADATA,
  RouteParamtypes,
} from '@nestjs/common/internal';
import { ApplicationConfig, ModulesContainer, type NestContainer } from '@nestjs/core';
import {
  BaseExceptionFilterContext,
  ContextUtils,
  GuardsContextCreator,
  InterceptorsConsumer,
  InterceptorsContextCreator,
  PipesContextCreator,
} from '@nestjs/core/internal';
import type { HandlerChain, HandlerFilter, HandlerParam } from './handler-chain.js';
import { compileChain } from './handler-chain.js';
import { HttpActs } from './http-acts.interceptor.js';
import { HttpErrorFilter } from './http-error.filter.js';

/** Keys of Nest's parameter metadata, which start with the kind of parameter. Pinned by a test. */
export const WS_PARAM = { socket: 0, payload: 3, ack: 13 } as const;

type Method = (...args: unknown[]) => unknown;

/** As `@nestjs/websockets` has it for handlers without a single param decorator. */
const DEFAULT_PARAMS: ParamsMetadata = {
  [`${WS_PARAM.socket}:0`]: { index: 0 },
  [`${WS_PARAM.payload}:1`]: { index: 1 },
};

type ParamsMetadata = Record<string, ParamMetadata>;
interface ParamMetadata {
  readonly index: number;
  readonly data?: unknown;
  readonly pipes?: (Type<PipeTransform> | PipeTransform)[];
  readonly schema?: unknown;
  readonly factory?: (data: unknown, context: ExecutionContext) => unknown;
}

/** Filters in the order in which they are asked. Unlike stock gateways these include the global ones. */
class FiltersContextCreator extends BaseExceptionFilterContext {
  constructor(
    container: NestContainer,
    private readonly config: ApplicationConfig,
  ) {
    super(container);
  }

  create(instance: object, callback: Method, moduleKey: string): HandlerFilter[] {
    this.moduleContext = moduleKey;
    const filters: HandlerFilter[] = this.createContext(instance, callback, EXCEPTION_FILTERS_METADATA);
    return filters.toReversed();
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the signature is that of Nest
  override getGlobalMetadata<T extends unknown[]>(): T {
    // The last one is asked first, and ours, which takes every error, has nothing to say here: it would hide the others.
    return this.config.getGlobalFilters().filter((it) => !(it instanceof HttpErrorFilter)) as unknown as T;
  }
}

/**
 * Finds what Nest puts around a gateway method, once at start, and compiles it. It uses the parts that
 * `@nestjs/websockets` itself is made of; `handler-planner.spec.ts` compares it with Nest's own `ExternalContextCreator`.
 */
@Injectable()
export class HandlerPlanner {
  private readonly guards: GuardsContextCreator;
  private readonly pipes: PipesContextCreator;
  private readonly interceptors: InterceptorsContextCreator;
  private readonly filters: FiltersContextCreator;
  private readonly interceptorsConsumer = new InterceptorsConsumer();
  private readonly utils = new ContextUtils();

  constructor(
    modules: ModulesContainer,
    private readonly config: ApplicationConfig,
  ) {
    // The only thing these four ask a container for.
    const container = { getModules: () => modules } as unknown as NestContainer;
    this.guards = new GuardsContextCreator(container, config);
    this.pipes = new PipesContextCreator(container, config);
    this.interceptors = new InterceptorsContextCreator(container, config);
    this.filters = new FiltersContextCreator(container, config);
  }

  /** Global enhancers that are made for every request, and so never apply to commands: by kind. */
  scopedGlobals(): string[] {
    const kinds = {
      guards: this.config.getGlobalRequestGuards(),
      pipes: this.config.getGlobalRequestPipes(),
      interceptors: this.config.getGlobalRequestInterceptors(),
      filters: this.config.getGlobalRequestFilters(),
    };
    return Object.entries(kinds).flatMap(([kind, wrappers]) => (wrappers.length > 0 ? [kind] : []));
  }

  /** @param moduleKey token of the module that provides `instance` */
  compile(instance: object, methodName: string, moduleKey: string): HandlerChain {
    const method = (instance as Record<string, Method>)[methodName] as Method;
    return compileChain(
      {
        instance,
        method,
        guards: this.guards.create(instance, method, moduleKey),
        // Of those ours does nothing for commands, and any would cost them several microseconds.
        interceptors: this.interceptors.create(instance, method, moduleKey).filter((it) => !(it instanceof HttpActs)),
        params: this.params(instance, method, methodName, moduleKey),
        filters: this.filters.create(instance, method, moduleKey),
      },
      this.interceptorsConsumer,
    );
  }

  private params(instance: object, method: Method, methodName: string, moduleKey: string): HandlerParam[] {
    // Also tells this creator the module in which the pipes of single parameters are looked up.
    const shared = this.pipes.create(instance, method, moduleKey);
    const metadata: ParamsMetadata =
      this.utils.reflectCallbackMetadata<ParamsMetadata | undefined>(instance, methodName, ROUTE_ARGS_METADATA) ??
      DEFAULT_PARAMS;
    const types = this.utils.reflectCallbackParamtypes(instance, methodName);
    return Object.entries(metadata).map(([key, param]) => {
      const kind = Number(this.utils.mapParamType(key));
      const own = this.pipes.createConcreteContext<unknown[], PipeTransform[]>(param.pipes ?? []);
      return {
        index: param.index,
        extract: extractor(key, kind, param, `${instance.constructor.name}.${methodName}`),
        pipes: [...shared, ...own],
        metadata: {
          type: kind === (RouteParamtypes.BODY as number) ? 'body' : 'custom',
          metatype: types?.[param.index] as Type | undefined,
          data: param.data as string | undefined,
          schema: param.schema as never,
        },
      };
    });
  }
}

function extractor(
  key: string,
  kind: number,
  { data, factory }: ParamMetadata,
  handler: string,
): HandlerParam['extract'] {
  if (key.includes(CUSTOM_ROUTE_ARGS_METADATA)) {
    return (context) => factory?.(data, context) ?? null;
  }
  if (kind === WS_PARAM.socket) return (context) => context.getArgByIndex(0);
  if (kind === WS_PARAM.payload) {
    if (typeof data !== 'string' || data === '') return (context) => context.getArgByIndex(1);
    return (context) => {
      const payload: unknown = context.getArgByIndex(1);
      return isObject(payload) && Object.hasOwn(payload, data) ? payload[data] : undefined;
    };
  }
  throw new Error(`${handler} takes a parameter that commands do not have (@Ack()?): return the reply instead`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
