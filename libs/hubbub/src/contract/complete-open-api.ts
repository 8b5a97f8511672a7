import { ERRORS, type ErrorName } from '@hubbub/protocol';
import { catalogueOf, described, NAMED } from '@hubbub/protocol/contract';
import type { OpenAPIObject } from '@nestjs/swagger';
import { httpRoutes, ROUTE_ERRORS, type RouteText } from './http-routes.js';

/** The parts of an operation that are completed. */
interface Operation {
  summary?: string;
  security?: unknown;
  requestBody?: { content: Record<string, Content> };
  responses: Record<string, Response | undefined>;
}
interface Response {
  readonly description: string;
  readonly headers?: object;
  content?: Record<string, Content>;
}
interface Content {
  schema?: unknown;
  example?: unknown;
  examples?: unknown;
}

const JSON_TYPE = 'application/json';
const RETRY_AFTER = { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer', minimum: 1 } } };

/**
 * Completes what the controllers say of Hubbub's routes: every error with its body, examples, and schemas of answers where
 * a controller has none. Routes of the application stay as they are.
 * @param prefix of all routes, as `setGlobalPrefix` has it
 */
export function completeOpenApi(document: OpenAPIObject, prefix = ''): OpenAPIObject {
  const routes = httpRoutes();
  for (const [path, item] of Object.entries(document.paths)) {
    const own = path.startsWith(prefix) ? path.slice(prefix.length) : path;
    for (const [method, operation] of Object.entries(item)) {
      const text = routes[`${method.toUpperCase()} ${own}`];
      if (text !== undefined) complete(operation as Operation, text, own);
    }
  }
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, HubbubError: described(NAMED['Error'] ?? {}) as object },
  };
  return document;
}

function complete(operation: Operation, text: RouteText, path: string): void {
  if (text.summary !== undefined) operation.summary = text.summary;
  const body = operation.requestBody?.content[JSON_TYPE];
  if (body !== undefined && text.request !== undefined) body.example = text.request;
  completeAnswer(operation, text, path);
  if (path.startsWith('/health')) {
    operation.responses['503'] = { ...operation.responses['200'], description: 'Not so' };
    return;
  }
  for (const [status, names] of errorsOf(operation, text)) operation.responses[status] = failure(status, names);
}

function completeAnswer({ responses }: Operation, { schema, response }: RouteText, path: string): void {
  const status = Object.keys(responses).find((code) => code.startsWith('2')) ?? '200';
  const answer = responses[status] ?? { description: 'Done' };
  const content = answer.content?.[JSON_TYPE] ?? { ...(schema && { schema }) };
  responses[status] = { ...answer, description: answer.description || 'Done' };
  if (path === '/metrics') responses[status].content = { 'text/plain': { schema: { type: 'string' } } };
  else if (response !== undefined) responses[status].content = { [JSON_TYPE]: { ...content, example: response } };
}

/** By HTTP status: what the route says itself, what a guard before it does, and what may happen to any. */
function errorsOf({ security, responses }: Operation, { errors = [] }: RouteText): Map<string, ErrorName[]> {
  const guarded: ErrorName[] = security === undefined ? [] : ['Unauthorized', 'TokenExpired', 'InvalidToken'];
  const refused: ErrorName[] = '403' in responses ? ['Forbidden'] : [];
  const byStatus = new Map<string, ErrorName[]>();
  for (const name of new Set([...errors, ...guarded, ...refused, ...ROUTE_ERRORS])) {
    const status = String(ERRORS[name].httpStatus);
    byStatus.set(status, [...(byStatus.get(status) ?? []), name]);
  }
  return byStatus;
}

function failure(status: string, names: readonly ErrorName[]): Response {
  const whens = new Map(catalogueOf().errors.map(({ name, when }) => [name, when]));
  const examples = names.map((name) => {
    const { code, message, retryable } = ERRORS[name];
    return [name, { summary: whens.get(name), value: { code, name, message, retryable } }];
  });
  return {
    description: names.map((name) => `${name} (${ERRORS[name].code})`).join(', '),
    ...(status === '429' ? { headers: RETRY_AFTER } : {}),
    content: {
      [JSON_TYPE]: {
        schema: { $ref: '#/components/schemas/HubbubError' },
        examples: Object.fromEntries(examples) as object,
      },
    },
  };
}
