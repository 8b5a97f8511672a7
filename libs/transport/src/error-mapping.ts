import { ERRORS, type ErrorName, HubbubError, type HubbubErrorOptions, isHubbubError } from '@hubbub/protocol';
import { HttpException } from '@nestjs/common';
import { WsException } from '@nestjs/websockets';

/** Where Nest's HTTP exceptions belong in our table; other 4xx are faults of the request, other 5xx unforeseen. */
const BY_STATUS: Readonly<Record<number, ErrorName>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  408: 'Timeout',
  413: 'MessageTooLarge',
  429: 'RateLimited',
  502: 'ServerError',
  503: 'ServerError',
  504: 'Timeout',
};

/**
 * What the client is told of anything thrown: a HubbubError as it is; Nest's exceptions by meaning, with their own
 * sentence, as that was written for a client; everything else Unknown without a word of it, kept as `cause` for the log.
 */
export function toHubbubError(error: unknown): HubbubError {
  if (isHubbubError(error)) return error;
  if (error instanceof HttpException) return fromHttp(error);
  if (error instanceof WsException) return fromWs(error);
  return new HubbubError('Unknown', { cause: error });
}

function fromHttp(error: HttpException): HubbubError {
  const status = error.getStatus();
  const name = BY_STATUS[status] ?? (status >= 400 && status < 500 ? 'InvalidFormat' : 'Unknown');
  if (name === 'Unknown') return new HubbubError('Unknown', { cause: error });
  if (status >= 500) return new HubbubError(name, { cause: error });
  return new HubbubError(name, faultsOf(error) ?? { message: sentenceOf(error) });
}

/** The sentence an exception was made with; Nest's default is the class name in words. */
function sentenceOf(error: HttpException): string {
  const response = error.getResponse();
  return typeof response === 'string' ? response : error.message;
}

/** Validation pipes put one sentence a fault in `message`, and none of their own beside it. */
function faultsOf(error: HttpException): Pick<HubbubErrorOptions, 'details'> | null {
  const response = error.getResponse() as { message?: unknown };
  if (typeof response !== 'object' || !Array.isArray(response.message)) return null;
  const sentences = response.message.filter((sentence): sentence is string => typeof sentence === 'string');
  return { details: sentences.slice(0, 10).map((message) => ({ path: '', message })) };
}

/** `new WsException({ name: 'RoomFull', message? })` names a row of our table; any other is a fault of the request. */
function fromWs(error: WsException): HubbubError {
  const given = error.getError();
  const row = typeof given === 'object' ? (given as { name?: unknown; message?: unknown }) : {};
  const name =
    typeof row.name === 'string' && Object.hasOwn(ERRORS, row.name) ? (row.name as ErrorName) : 'InvalidFormat';
  const sentence = typeof given === 'string' ? given : row.message;
  return new HubbubError(name, typeof sentence === 'string' ? { message: sentence } : {});
}

/** `data` of the error frame; without its details where those cannot be written as JSON. */
export function encodeError(error: HubbubError): string {
  try {
    return JSON.stringify(error);
  } catch {
    return JSON.stringify({ ...error.toJSON(), details: undefined });
  }
}
