import { HubbubError, isHubbubError } from '@hubbub/protocol';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import { toHubbubError } from './error-mapping.js';
import type { HttpReply } from './ws-path.js';

/** What Fastify and Express throw before a handler is reached. */
interface PlatformError extends Error {
  readonly statusCode: number;
}

interface Answer {
  readonly status: number;
  readonly error: HubbubError;
  /** Members that the handler wrote itself, kept beside those of the error. */
  readonly own?: object;
}

const logger = new Logger('Http');

/** Answers HTTP errors with the body of PROTOCOL §8: `{code, name, message, retryable, …}` and a fitting status. */
@Catch()
export class HttpErrorFilter implements ExceptionFilter {
  catch(thrown: unknown, host: ArgumentsHost): void {
    // Global filters reach commands too; their errors are the command router's.
    if (host.getType() !== 'http') throw thrown;
    answerHttpError(thrown, host.switchToHttp().getResponse<HttpReply>());
  }
}

/**
 * The same for a HubbubError alone: in an application of somebody else's, whose own controllers may use Hubbub's guards and
 * errors and keep their own way with all others.
 */
@Catch(HubbubError)
export class HubbubErrorFilter extends HttpErrorFilter {}

/** Answers whatever was thrown where no filter stands: before Nest is asked. */
export function answerHttpError(thrown: unknown, reply: HttpReply): void {
  const { status, error, own } = answerTo(thrown);
  if (error.name === 'Unknown') logger.error({ msg: 'request failed', err: error.cause ?? thrown });
  if (reply.sent ?? reply.headersSent) return;
  if (error.retryAfterMs !== undefined) reply.header('Retry-After', String(Math.ceil(error.retryAfterMs / 1000)));
  reply.status(status).send({ ...error.toJSON(), ...own });
}

function answerTo(thrown: unknown): Answer {
  if (isHubbubError(thrown)) return { status: thrown.httpStatus, error: thrown };
  if (thrown instanceof HttpException) return answerToNest(thrown);
  if (isPlatformError(thrown)) return answerToPlatform(thrown);
  const error = toHubbubError(thrown);
  return { status: error.httpStatus, error };
}

function answerToNest(thrown: HttpException): Answer {
  const status = thrown.getStatus();
  const error = status === 404 ? nothingHere() : toHubbubError(thrown);
  const body = thrown.getResponse();
  // Nest's own bodies repeat the status; any other was written by a handler, as the health check's is.
  const isOwn = typeof body === 'object' && !('statusCode' in body);
  return isOwn ? { status, error, own: body } : { status, error };
}

/** Their sentences may quote the request, so ours are told. */
function answerToPlatform({ statusCode, cause }: PlatformError): Answer {
  const options = cause === undefined ? {} : { cause };
  if (statusCode === 404) return { status: 404, error: nothingHere() };
  if (statusCode === 413) return { status: 413, error: new HubbubError('MessageTooLarge', options) };
  if (statusCode === 429) return { status: 429, error: new HubbubError('RateLimited', options) };
  if (statusCode === 503) return { status: 503, error: new HubbubError('ServerError', options) };
  const message = 'The request or its body is not valid.';
  return { status: statusCode, error: new HubbubError('InvalidFormat', { message }) };
}

function nothingHere(): HubbubError {
  return new HubbubError('UnknownType', { message: 'There is nothing at this address.' });
}

/** Those that are the client's doing, or say that the server is busy; any other is unforeseen. */
function isPlatformError(thrown: unknown): thrown is PlatformError {
  if (!(thrown instanceof Error)) return false;
  const { statusCode } = thrown as Partial<PlatformError>;
  return typeof statusCode === 'number' && ((statusCode >= 400 && statusCode < 500) || statusCode === 503);
}
