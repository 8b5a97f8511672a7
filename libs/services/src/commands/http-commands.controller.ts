import { Authenticated, type HttpRequest } from '@hubbub/auth';
import { HubbubConfig } from '@hubbub/config';
import {
  HubbubError,
  MAX_NESTING,
  nestsDeeperThan,
  rawMember,
  SERVICE_COMMANDS,
  type ServiceCommand,
} from '@hubbub/protocol';
import { addressOf, type Identity, RawJson } from '@hubbub/transport';
import { applyDecorators, Body, Controller, Header, HttpCode, Post, Req } from '@nestjs/common';
import {
  ApiBody,
  type ApiBodyOptions,
  ApiForbiddenResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { TSchema } from 'typebox';
import { ServiceCommands } from './service-commands.js';

interface CommandRequest extends HttpRequest {
  /** The body as it came, in applications made with `rawBody`. */
  readonly rawBody?: Buffer;
  readonly identity: Identity;
}

/** The commands of services for those without NATS: `POST /api/commands/<command>`, its data as the body. */
@ApiTags('services')
@Authenticated()
@Controller('api/commands')
export class HttpCommandsController {
  constructor(
    private readonly commands: ServiceCommands,
    private readonly config: HubbubConfig,
  ) {}

  /** The answer as text: what is JSON already keeps every character. */
  async run(name: ServiceCommand, payload: unknown, request: CommandRequest): Promise<string> {
    const { rawBody, identity } = request;
    const text = rawBody?.toString() ?? '';
    if (nestsDeeperThan(text, MAX_NESTING)) {
      throw new HubbubError('InvalidFormat', { message: `The body nests deeper than ${MAX_NESTING} levels.` });
    }
    const answer = await this.commands.run(name, {
      payload,
      identify: () => identity,
      address: addressOf(request, this.config.server.trustProxy),
      rawMember: (key) => (text === '' ? undefined : rawMember(text, key)),
    });
    return answer instanceof RawJson ? answer.text : JSON.stringify(answer);
  }
}

// A route for each, so that the OpenAPI document says what each takes, needs and answers.
for (const name of Object.keys(SERVICE_COMMANDS) as ServiceCommand[]) {
  const { data, permission, replyData } = SERVICE_COMMANDS[name];
  const routes = HttpCommandsController.prototype;
  const value = function (this: HttpCommandsController, payload: unknown, request: CommandRequest) {
    return this.run(name, payload, request);
  };
  Object.defineProperty(routes, name, { value, configurable: true, writable: true });
  Body()(routes, name, 0);
  Req()(routes, name, 1);
  applyDecorators(
    Post(name),
    HttpCode(200),
    Header('Content-Type', 'application/json; charset=utf-8'),
    ApiOperation({ operationId: name, summary: `The command \`${name}\` of services` }),
    ApiBody({ schema: openApi(data), required: false }),
    ApiOkResponse({ description: 'Done', schema: openApi(replyData) }),
    ...(permission === null ? [] : [ApiForbiddenResponse({ description: `Needs ${permission}` })]),
  )(routes, name, Object.getOwnPropertyDescriptor(routes, name) as PropertyDescriptor);
}

/** TypeBox schemas are JSON Schema, which is what OpenAPI takes. */
function openApi(schema: TSchema): NonNullable<Extract<ApiBodyOptions, { schema: unknown }>['schema']> {
  return schema;
}
