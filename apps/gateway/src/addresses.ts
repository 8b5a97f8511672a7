/** Where a person finds what this node serves. */
export function addresses(host: string, port: number, wsPath: string): Record<string, string> {
  const name = ['0.0.0.0', '::'].includes(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  const http = `http://${name}:${port}`;
  return {
    socket: `ws://${name}:${port}${wsPath}`,
    api: `${http}/api`,
    docs: `${http}/docs`,
    health: `${http}/health`,
    metrics: `${http}/metrics`,
  };
}
