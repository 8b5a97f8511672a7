import type { BusAddress } from '@hubbub/bus';
import type { HubbubConfig } from '@hubbub/config';

/** The bus of this node: the configured one, or where that is none and there are workers, the pipes between them. */
export function busAddress({ bus, server }: HubbubConfig): BusAddress {
  if (bus.type === 'memory') return { type: server.workers === 1 ? 'memory' : 'workers' };
  return bus.url === undefined ? { type: bus.type } : { type: bus.type, url: bus.url };
}
