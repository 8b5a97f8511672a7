/** The gateway on a bus that loses, doubles, delays and reorders, as `npm run chaos` runs it. */
import { openBus } from '@hubbub/bus';
import { loadConfig } from '@hubbub/config';
import { closeOnSignals, createHubbub, HubbubModule } from '@hubbub/hubbub';
import { FaultyBus } from '@hubbub/testing';
import { Module } from '@nestjs/common';

const FAULTS = { lose: 0.2, double: 0.1, delay: 0.3, maxDelayMs: 300 };

const config = loadConfig({ env: process.env });
const nodeId = config.cluster.nodeId ?? 'node';
const inner = await openBus(config.bus, nodeId);
const seed = [...nodeId].reduce((sum, char) => sum * 31 + char.charCodeAt(0), 7) % 65_536;

@Module({ imports: [HubbubModule.forRoot(config, { bus: () => new FaultyBus(inner, nodeId, { ...FAULTS, seed }) })] })
class FaultyGateway {}

const app = await createHubbub(FaultyGateway, config);
closeOnSignals(app);
await app.listen(config.server.port, config.server.host);
// As the gateway itself says it, for who has started it.
console.log(JSON.stringify({ msg: 'listening' }));
