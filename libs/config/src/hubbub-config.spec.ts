import { HubbubConfig } from '@hubbub/config';
import { Logger } from '@nestjs/common';

describe('HubbubConfig.from', () => {
  it('lays what is given over the defaults', () => {
    const config = HubbubConfig.from({
      limits: { commandsPerS: 7 },
      dataDir: '/tmp/x',
      presence: { graceMs: undefined },
    });
    expect([config.limits.commandsPerS, config.limits.commandsBurst, config.dataDir]).toEqual([7, 100, '/tmp/x']);
    expect(config.presence.graceMs).toBe(5000);
  });

  it('checks as a file is checked, and names all faults', () => {
    const wrong = { limits: { commandsPerS: -1 }, log: { level: 'loud' }, sever: {} } as object;
    expect(() => HubbubConfig.from(wrong)).toThrow(
      /sever: unknown key\n.*limits\.commands_per_s: expected an integer.*\n.*log\.level: expected one of/,
    );
  });

  it('is not changed when the given object is', () => {
    const allowedOrigins = ['https://a.example'];
    const config = HubbubConfig.from({ server: { allowedOrigins } });
    allowedOrigins.push('https://evil.example');
    expect(config.server.allowedOrigins).toEqual(['https://a.example']);
  });
});

describe('HubbubConfig.apply', () => {
  it('changes what can be reloaded at once, and says what waits for a restart', () => {
    const config = HubbubConfig.from({ server: { port: 1 } });
    const before = config.limits;
    const next = HubbubConfig.from({
      server: { port: 2, maxConnections: 3 },
      limits: { flushMs: 5 },
      log: { level: 'debug' },
    });
    expect(config.apply(next)).toEqual({
      applied: ['server.max_connections', 'limits.flush_ms', 'log.level'],
      needRestart: ['server.port'],
    });
    expect(config.server).toMatchObject({ port: 1, maxConnections: 3 });
    expect([config.limits.flushMs, before.flushMs]).toEqual([5, 10]);
    expect(config.apply(next)).toEqual({ applied: [], needRestart: ['server.port'] });
  });

  it('tells listeners once, after all values are in place, and only of what they can see', () => {
    const config = HubbubConfig.from();
    const told: unknown[] = [];
    const stop = config.onChange((changed) => told.push([changed, config.limits.flushMs, config.drain.timeoutMs]));
    config.apply(HubbubConfig.from({ limits: { flushMs: 1 }, drain: { timeoutMs: 2 }, server: { port: 3 } }));
    config.apply(HubbubConfig.from({ limits: { flushMs: 1 }, drain: { timeoutMs: 2 }, server: { port: 4 } }));
    stop();
    config.apply(HubbubConfig.from());
    expect(told).toEqual([[['limits.flush_ms', 'drain.timeout_ms'], 1, 2]]);
  });

  it('tells the other listeners when one throws', () => {
    const logged: unknown[] = [];
    Logger.overrideLogger({ log: () => {}, warn: () => {}, error: (message: unknown) => logged.push(message) });
    const config = HubbubConfig.from();
    let told = 0;
    config.onChange(() => {
      throw new Error('mine alone');
    });
    config.onChange(() => told++);
    config.apply(HubbubConfig.from({ limits: { flushMs: 1 } }));
    expect(told).toBe(1);
    expect(logged).toMatchObject([{ msg: 'configuration listener failed', changed: ['limits.flush_ms'] }]);
    Logger.overrideLogger(false);
  });
});
