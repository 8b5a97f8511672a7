import { type LogSettings, PinoLogger } from '@hubbub/observability';
import { Logger } from '@nestjs/common';

type Line = Record<string, unknown> & { err?: { message: string; stack: string } };

/** A logger that writes into memory. */
function open(log: Partial<LogSettings['log']> = {}) {
  let current = { level: 'info', format: 'json', ...log } as LogSettings['log'];
  let tell = (_changed: readonly string[]): void => {};
  const settings: LogSettings = {
    get log() {
      return current;
    },
    onChange: (listener) => {
      tell = listener;
    },
  };
  const change = (key: 'level' | 'format', value: string): void => {
    current = { ...current, [key]: value };
    tell([`log.${key}`]);
  };
  let text = '';
  const logger = new PinoLogger(settings, {
    write: (line) => {
      text += line;
    },
  });
  Logger.overrideLogger(logger);
  const lines = (): Line[] =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Line);
  return { change, lines, text: () => text };
}

describe('PinoLogger', () => {
  afterAll(() => Logger.overrideLogger(false));

  it('writes a constant sentence and fields as one JSON object a line', () => {
    const { lines } = open();
    new Logger('Connections').warn({ msg: 'slow consumer closed', connectionId: 'c1', queueBytes: 5 });
    expect(lines()).toEqual([
      {
        level: 'warn',
        time: expect.any(Number),
        context: 'Connections',
        msg: 'slow consumer closed',
        connectionId: 'c1',
        queueBytes: 5,
      },
    ]);
  });

  it('takes what Nest itself logs: a text, an error, a stack', () => {
    const { lines } = open();
    const logger = new Logger('Nest');
    logger.log('started');
    logger.error(new Error('broken'));
    logger.error('failed', new Error('inner').stack);
    logger.error({ msg: 'hook failed', err: new Error('theirs') });
    const [text, error, stack, field] = lines();
    expect(text).toMatchObject({ level: 'info', context: 'Nest', msg: 'started' });
    expect(error).toMatchObject({ level: 'error', msg: 'broken', err: { message: 'broken' } });
    expect(stack).toMatchObject({ msg: 'failed', context: 'Nest', stack: expect.stringContaining('Error: inner') });
    expect(field).toMatchObject({
      msg: 'hook failed',
      err: { message: 'theirs', stack: expect.stringContaining('at ') },
    });
  });

  it('has Nest list its routes and modules at debug', () => {
    const { lines } = open();
    for (const context of ['RouterExplorer', 'NestApplication']) new Logger(context).log('mapped');
    expect(lines().map((line) => line.context)).toEqual(['NestApplication']);
  });

  it('follows a change of level and of format without a restart', () => {
    const { change, lines, text } = open({ level: 'warn' });
    const logger = new Logger('Test');
    logger.log('not yet');
    change('level', 'debug');
    logger.debug('now');
    expect(lines().map((line) => [line.level, line.msg])).toEqual([['debug', 'now']]);
    change('format', 'pretty');
    logger.log({ msg: 'for people', port: 8080 });
    const pretty = text().split('\n').at(-2) ?? '';
    expect(pretty).toContain('for people');
    expect(pretty).toContain('8080');
    expect(pretty).toMatch(/^\[.+INFO: \[Test\] for people/);
  });

  it.each(['json', 'pretty'] as const)('hides credentials and contents of messages, however deep, as %s', (format) => {
    const { text } = open({ format });
    const hush = 'hush-hush';
    new Logger('Test').log({
      msg: 'request',
      token: hush,
      password: hush,
      content: { text: hush },
      headers: { authorization: hush, cookie: hush },
      request: { body: { refresh_token: hush, contentJson: hush } },
    });
    new Logger('Test').error({ msg: 'failed', err: Object.assign(new Error('unique'), { parameters: [hush] }) });
    new Logger('Test').error(Object.assign(new Error('unique'), { parameters: [hush] }));
    expect(text()).toContain('request');
    expect(text()).toContain('unique');
    expect(text()).not.toContain(hush);
  });

  it('survives values that are no JSON', () => {
    const { lines } = open();
    const circular: Record<string, unknown> = { big: 10n };
    circular.self = circular;
    new Logger('Test').warn({ msg: 'odd', circular });
    expect(lines()[0]?.msg).toBe('odd');
  });
});
