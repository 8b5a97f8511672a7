import { decodeEnvelope, encodeEnvelope } from '@hubbub/protocol';
import type { Dialect } from './dialect.js';

/** `hubbub.v1`: the protocol as PROTOCOL §2 writes it. */
export const hubbubV1: Dialect = {
  subprotocol: 'hubbub.v1',
  decode: decodeEnvelope,
  encode: encodeEnvelope,
};
