import { ERRORS, type ErrorBody, type ErrorName, HubbubError, isHubbubError } from '@hubbub/protocol';

/** The error that a gateway answered with. A body that is none of Hubbub's is `Unknown` with that body as its cause. */
export function answeredError(body: unknown): HubbubError {
  if (!isErrorBody(body)) return new HubbubError('Unknown', { cause: body });
  const { name, message, details, retry_after_ms: retryAfterMs } = body;
  return new HubbubError(name, {
    message,
    ...(details === undefined ? {} : { details }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** JSON of what is sent. @throws HubbubError InvalidFormat for what JSON cannot hold */
export function encodeData(data: unknown): string {
  try {
    return JSON.stringify(data ?? {});
  } catch (cause) {
    throw new HubbubError('InvalidFormat', { message: 'The data cannot be written as JSON.', cause });
  }
}

/** Any failure as an error of Hubbub. */
export function asHubbubError(error: unknown): HubbubError {
  return isHubbubError(error) ? error : new HubbubError('Unknown', { cause: error });
}

function isErrorBody(body: unknown): body is ErrorBody {
  const { name, message } = (body ?? {}) as Partial<ErrorBody>;
  return typeof name === 'string' && Object.hasOwn(ERRORS, name satisfies ErrorName) && typeof message === 'string';
}
