import fc from 'fast-check';
import { decodeEnvelope, EnvelopeError, encodeEnvelope } from './index.js';

function refusal(frame: string): EnvelopeError {
  try {
    decodeEnvelope(frame);
  } catch (error) {
    return error as EnvelopeError;
  }
  throw new Error(`was accepted: ${frame}`);
}

describe('decodeEnvelope', () => {
  it('reads type, id and data, and ignores what it does not know', () => {
    const frame =
      '{"message_type":"ping","message_id":7,"data":{"ts":1},"request_id":3,"client_id":"eve","timestamp":0,"x":[]}';
    expect(decodeEnvelope(frame)).toEqual({ messageType: 'ping', messageId: 7, data: { ts: 1 }, source: frame });
  });

  it('takes absent data as {} and keeps null', () => {
    expect(decodeEnvelope('{"message_type":"ping"}').data).toEqual({});
    expect(decodeEnvelope('{"message_type":"ping","data":null}').data).toBeNull();
  });

  it.each([
    '',
    'x',
    '{',
    '[]',
    'null',
    '7',
    '"ping"',
    '{}',
    '{"message_type":7}',
    '{"message_type":""}',
    '{"message_type":"a b"}',
  ])('refuses %j as InvalidFormat', (frame) => expect(refusal(frame).name).toBe('InvalidFormat'));

  it('names the id in its refusal where one could be read', () => {
    expect(refusal('{"message_id":"a1"}').messageId).toBe('a1');
    expect(refusal('{"message_type":"a b","message_id":0}').messageId).toBe(0);
  });

  it.each(['-1', '1.5', '9007199254740992', 'null', 'true', '""', `"${'x'.repeat(65)}"`, '{}', '[]'])(
    'refuses message_id %s as InvalidMessageID',
    (id) => {
      const error = refusal(`{"message_type":"ping","message_id":${id}}`);
      expect([error.name, error.messageId]).toEqual(['InvalidMessageID', undefined]);
    },
  );

  it('refuses nesting deeper than 64', () => {
    const frame = (depth: number) =>
      `{"message_type":"x","message_id":1,"data":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect(decodeEnvelope(frame(63)).messageType).toBe('x');
    expect(refusal(frame(64))).toMatchObject({ name: 'InvalidFormat', messageId: 1 });
  });

  it('never echoes the payload', () => {
    expect(refusal('{"message_type":"a b","data":"s3cret"}').message).not.toContain('s3cret');
  });

  it('throws nothing but EnvelopeError, whatever comes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (frame) => {
        try {
          decodeEnvelope(frame);
        } catch (error) {
          expect(error).toBeInstanceOf(EnvelopeError);
        }
      }),
    );
  });
});

describe('encodeEnvelope', () => {
  it('keeps the type of request_id and leaves it out without one', () => {
    expect(JSON.parse(encodeEnvelope('pong', '{}', 7, 1))).toEqual({
      message_type: 'pong',
      request_id: 7,
      data: {},
      timestamp: 1,
    });
    expect(JSON.parse(encodeEnvelope('pong', '{}', '7"', 1)).request_id).toBe('7"');
    expect(JSON.parse(encodeEnvelope('pong', '{}', 0, 1)).request_id).toBe(0);
    expect(JSON.parse(encodeEnvelope('pong', '{}', undefined, 1))).not.toHaveProperty('request_id');
  });
});
