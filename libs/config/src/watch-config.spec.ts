import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConfigWatch, type HubbubConfig, loadConfig, watchConfig } from '@hubbub/config';
import { Logger } from '@nestjs/common';

interface Line {
  level: string;
  msg: string;
}

describe('watchConfig', () => {
  let folder: string;
  let file: string;
  let config: HubbubConfig;
  let watch: ConfigWatch;
  let lines: Line[];
  let onLine: () => void;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hubbub-watch-'));
    file = join(folder, 'hubbub.yaml');
    [lines, onLine] = [[], () => {}];
    const write = (level: string) => (message: unknown) => {
      lines.push({ level, ...(message as Omit<Line, 'level'>) });
      onLine();
    };
    Logger.overrideLogger({ log: write('info'), warn: write('warn'), error: write('error') });
    await writeFile(file, 'limits:\n  flush_ms: 1\n');
    config = loadConfig({ file, env: {} });
    watch = watchConfig(config, { file, env: {} });
  });
  afterEach(async () => {
    watch.close();
    Logger.overrideLogger(false);
    await rm(folder, { recursive: true });
  });

  /** Resolves when `count` lines have been logged since the test began. */
  const logged = (count: number): Promise<void> =>
    new Promise((resolve) => {
      onLine = () => {
        if (lines.length >= count) resolve();
      };
      onLine();
    });

  it('takes over a changed file, and logs the names of the keys alone', async () => {
    await writeFile(file, 'limits:\n  flush_ms: 2\nmetrics:\n  token: hush\n');
    await logged(1);
    expect(config.limits.flushMs).toBe(2);
    expect(lines).toEqual([
      { level: 'info', msg: 'configuration reloaded', changed: ['limits.flush_ms', 'metrics.token'] },
    ]);
  });

  it('sees a file that was put in the place of the old one, as editors and volume mounts do', async () => {
    await writeFile(`${file}.new`, 'limits:\n  flush_ms: 3\n');
    await rename(`${file}.new`, file);
    await logged(1);
    expect(config.limits.flushMs).toBe(3);
  });

  it('applies nothing of a file that is wrong in one place, says what is wrong, and takes the mended one', async () => {
    await writeFile(file, 'limits:\n  flush_ms: 4\n  http_per_s: hush\n');
    await logged(1);
    expect(config.limits.flushMs).toBe(1);
    expect(lines).toMatchObject([
      { level: 'error', msg: 'configuration not reloaded', faults: [{ key: 'limits.http_per_s' }] },
    ]);
    expect(JSON.stringify(lines)).not.toContain('hush');

    await writeFile(file, 'limits:\n  flush_ms: 4\n');
    await logged(2);
    expect(config.limits.flushMs).toBe(4);
  });

  it('says which changed keys wait for a restart', async () => {
    await writeFile(file, 'server:\n  port: 9\nlimits:\n  flush_ms: 1\n');
    await logged(2);
    expect(config.server.port).toBe(8080);
    expect(lines).toEqual([
      { level: 'info', msg: 'configuration reloaded', changed: [] },
      { level: 'warn', msg: 'configuration keys wait for a restart', keys: ['server.port'] },
    ]);
  });

  it('reloads on SIGHUP', async () => {
    watch.close();
    await writeFile(file, 'limits:\n  flush_ms: 5\n');
    watch = watchConfig(config, { file, env: {} });
    // Jest's `process` is a copy that no signal reaches: a real one would end the runner.
    process.emit('SIGHUP');
    await logged(1);
    expect(config.limits.flushMs).toBe(5);
  });

  it('keeps the values when the file is gone', async () => {
    await rm(file);
    watch.reload();
    expect(lines).toMatchObject([{ level: 'error', faults: [{ message: 'cannot be read: ENOENT' }] }]);
    expect(config.limits.flushMs).toBe(1);
  });

  it('works without a folder to watch: SIGHUP and reload() are left', () => {
    const absent = watchConfig(config, { cwd: join(folder, 'absent'), env: { HUBBUB_LIMITS_FLUSH_MS: '6' } });
    absent.reload();
    absent.close();
    expect(config.limits.flushMs).toBe(6);
  });
});
