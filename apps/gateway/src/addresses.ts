import type { HubbubConfig } from '@hubbub/config';

/** Prints where everything is; not by the logger: whoever starts a gateway waits for this, at any log level. */
export function announce({ server, log }: HubbubConfig, port: number): void {
  const found = addresses(server.host, port, server.wsPath);
  if (process.stdout.isTTY || log.format === 'pretty') {
    for (const [what, url] of Object.entries(found)) console.log(`  ${what.padEnd(9)}${url}`);
  } else {
    console.log(JSON.stringify({ level: 'info', time: Date.now(), context: 'Gateway', msg: 'listening', ...found }));
  }
}

/** Where a person finds what this node serves. */
function addresses(host: string, port: number, wsPath: string): Record<string, string> {
  const name = ['0.0.0.0', '::'].includes(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  const http = `http://${name}:${port}`;
  return {
    chat: `${http}/`,
    console: `${http}/console`,
    socket: `ws://${name}:${port}${wsPath}`,
    api: `${http}/api`,
    docs: `${http}/docs`,
    health: `${http}/health`,
    metrics: `${http}/metrics`,
  };
}
