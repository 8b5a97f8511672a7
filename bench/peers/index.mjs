/**
 * Who is measured. A peer has a name, the version that is installed here (null: it is not) or else the Debian `packages` that have it, a `wire` (plain-wire.mjs says
 * what that is) and `start`, which gives a fresh server.
 */
import { bareWs } from './bare-ws.mjs';
import { framedWs } from './framed-ws.mjs';
import { hubbub } from './hubbub.mjs';
import { mosquitto } from './mosquitto.mjs';
import { natsServer } from './nats-server.mjs';
import { nchan } from './nchan.mjs';
import { nestSocketIo } from './nest-socket-io.mjs';
import { nestWs } from './nest-ws.mjs';
import { socketIo } from './socket-io.mjs';

export const PEERS = [bareWs, framedWs, socketIo, nestWs, nestSocketIo, nchan, mosquitto, natsServer, hubbub];
