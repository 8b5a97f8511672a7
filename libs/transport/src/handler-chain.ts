import { HubbubError } from '@hubbub/protocol';
import {
  type ArgumentMetadata,
  type ArgumentsHost,
  type CanActivate,
  type ExecutionContext,
  Logger,
  type NestInterceptor,
  type PipeTransform,
} from '@nestjs/common';
import { ExecutionContextHost, type InterceptorsConsumer } from '@nestjs/core/internal';
import { isObservable, lastValueFrom, type Observable } from 'rxjs';
import type { CommandConnection } from './command-connection.js';
import type { CommandCall } from './decorators.js';
import { Deferred } from './deferred.js';
import { toHubbubError } from './error-mapping.js';
import { iterate, prepend } from './observable-iterator.js';
import { NoReply, RawJson } from './raw-json-reply.js';

/** What guards, param decorators and filters see as the arguments of a command; the last is its pattern. */
export type CommandArgs = [connection: CommandConnection, data: unknown, call: CommandCall, messageType: string];

/** One parameter of a handler: where it comes from and the pipes it passes. */
export interface HandlerParam {
  readonly index: number;
  readonly extract: (context: ExecutionContext) => unknown;
  readonly pipes: readonly PipeTransform[];
  readonly metadata: ArgumentMetadata;
}

/** A filter as Nest describes it: no classes means all errors. */
export interface HandlerFilter {
  readonly func: (error: unknown, host: ArgumentsHost) => unknown;
  readonly exceptionMetatypes: readonly (abstract new (...args: never[]) => unknown)[];
}

/** A decorated handler with everything that Nest puts around it. */
export interface HandlerPlan {
  readonly instance: object;
  readonly method: (...args: unknown[]) => unknown;
  readonly guards: readonly CanActivate[];
  readonly params: readonly HandlerParam[];
  readonly interceptors: readonly NestInterceptor[];
  /** The first that fits is asked. */
  readonly filters: readonly HandlerFilter[];
}

/** Runs guards, pipes and handler. Throws, or returns what the handler returned: a promise only if something in it is asynchronous. */
export type HandlerChain = (args: CommandArgs) => unknown;

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

/**
 * Nest's order (guards, interceptors, pipes, handler, filters) without its awaits: where guards and pipes are
 * synchronous, as all built-in ones are, a command runs in the turn that brought it. That is a third of a ping.
 */
export function compileChain(plan: HandlerPlan, interceptorsConsumer: InterceptorsConsumer): HandlerChain {
  const inner = plan.interceptors.length === 0 ? invoke : intercepted(interceptorsConsumer);
  const run = plan.guards.length === 0 ? inner : guarded(inner);
  if (plan.filters.length === 0) return (args) => run(plan, contextOf(plan, args));
  return (args) => {
    const context = contextOf(plan, args);
    try {
      const result = run(plan, context);
      return isThenable(result) ? result.then(undefined, (error: unknown) => filter(plan, context, error)) : result;
    } catch (error) {
      return filter(plan, context, error);
    }
  };
}

type Step = (plan: HandlerPlan, context: ExecutionContextHost) => unknown;

function contextOf(plan: HandlerPlan, args: CommandArgs): ExecutionContextHost {
  const context = new ExecutionContextHost(args, plan.instance.constructor as never, plan.method);
  context.setType('ws');
  return context;
}

function guarded(inner: Step): Step {
  return (plan, context) => {
    for (let at = 0; at < plan.guards.length; at++) {
      const verdict = plan.guards[at]?.canActivate(context);
      if (verdict === true) continue;
      if (verdict === false || verdict === undefined) throw new HubbubError('Forbidden');
      return guardsFrom(plan, context, at, verdict).then(() => inner(plan, context));
    }
    return inner(plan, context);
  };
}

/** Goes on behind the first guard that did not answer at once. */
async function guardsFrom(
  plan: HandlerPlan,
  context: ExecutionContextHost,
  at: number,
  pending: Promise<boolean> | Observable<boolean>,
): Promise<void> {
  if (!(await verdictOf(pending))) throw new HubbubError('Forbidden');
  for (const guard of plan.guards.slice(at + 1)) {
    if (!(await verdictOf(guard.canActivate(context)))) throw new HubbubError('Forbidden');
  }
}

async function verdictOf(verdict: boolean | Promise<boolean> | Observable<boolean>): Promise<boolean> {
  const value: unknown = await verdict;
  return isObservable(value) ? Boolean(await lastValueFrom(value, { defaultValue: false })) : Boolean(value);
}

function invoke(plan: HandlerPlan, context: ExecutionContextHost): unknown {
  const values: unknown[] = [];
  for (let at = 0; at < plan.params.length; at++) {
    const param = plan.params[at] as HandlerParam;
    let value = param.extract(context);
    let pipe = 0;
    while (pipe < param.pipes.length && !isThenable(value)) {
      value = param.pipes[pipe++]?.transform(value, param.metadata);
    }
    if (isThenable(value)) {
      return paramsFrom(plan, context, values, at, pipe, value).then(() => plan.method.apply(plan.instance, values));
    }
    values[param.index] = value;
  }
  return plan.method.apply(plan.instance, values);
}

/** Goes on behind the first pipe or param decorator that did not answer at once. */
async function paramsFrom(
  plan: HandlerPlan,
  context: ExecutionContextHost,
  values: unknown[],
  at: number,
  pipe: number,
  pending: PromiseLike<unknown>,
): Promise<void> {
  const through = async (param: HandlerParam, from: number, start: unknown) => {
    let value = await start;
    for (const next of param.pipes.slice(from)) value = await next.transform(value, param.metadata);
    values[param.index] = value;
  };
  await through(plan.params[at] as HandlerParam, pipe, pending);
  for (const param of plan.params.slice(at + 1)) await through(param, 0, param.extract(context));
}

/**
 * Interceptors see the items of an Observable that the handler returned, and one value otherwise; of a sealed answer only that
 * there is one. Costs several microseconds a command: the built-in handlers have none.
 */
function intercepted(consumer: InterceptorsConsumer): Step {
  return async (plan, context) => {
    let streaming = false;
    let sealed: unknown;
    const next = async () => {
      const result = await invoke(plan, context);
      streaming = isObservable(result);
      if (!isSealed(result)) return result;
      sealed = result;
      return {};
    };
    const output: unknown = await consumer.intercept(
      [...plan.interceptors],
      context.getArgs(),
      plan.instance,
      plan.method,
      next,
      'ws',
    );
    const items = iterate(output as Observable<unknown>);
    const first = await items.next();
    if (streaming) return prepend(first, items);
    let last = first;
    for (let item = first; !item.done; item = await items.next()) last = item;
    return sealed ?? last.value;
  };
}

/**
 * Answers that are not yet, or no longer, the value that is sent. Interceptors of a whole application map and serialise whatever
 * they see: Nest's own ClassSerializerInterceptor calls its methods.
 */
function isSealed(result: unknown): boolean {
  return result instanceof Deferred || result instanceof RawJson || result === NoReply;
}

/** A filter's result is the reply; one that returns nothing has not handled the error, and neither has one that breaks at it. */
function filter(plan: HandlerPlan, context: ExecutionContextHost, error: unknown): unknown {
  const chosen = plan.filters.find(
    ({ exceptionMetatypes }) =>
      exceptionMetatypes.length === 0 || exceptionMetatypes.some((type) => error instanceof type),
  );
  if (chosen === undefined) throw error;
  let result: unknown;
  try {
    result = chosen.func(error, context);
  } catch (thrown) {
    throw causeOf(error, thrown, chosen);
  }
  if (result === undefined) throw error;
  if (!isThenable(result)) return result;
  return result.then(
    (value) => {
      if (value === undefined) throw error;
      return value;
    },
    (thrown: unknown) => {
      throw causeOf(error, thrown, chosen);
    },
  );
}

/** Filters that were warned of, by what is the same for all handlers that have them. */
const broken = new WeakSet<object>();

/**
 * What is answered when a filter throws: what it throws on purpose. A global one that was made for HTTP looks for a response that
 * commands do not have, and breaks; that must not hide what the client did wrong.
 */
function causeOf(error: unknown, thrown: unknown, { exceptionMetatypes }: HandlerFilter): unknown {
  if (thrown === error || toHubbubError(thrown).name !== 'Unknown') return thrown;
  if (!broken.has(exceptionMetatypes)) {
    broken.add(exceptionMetatypes);
    new Logger('Commands').warn({
      msg: 'a filter breaks at errors of commands, which are answered without it',
      err: thrown,
    });
  }
  return error;
}
