import { PAYLOAD_BYTES } from '../payload.mjs';
import { startProgram, versionOf } from './start-program.mjs';

/** MQTT 3.1.1 packets as templates of the load generator, whose lengths stand in them: ids and topics have a fixed width. */
const hex = (...bytes) => bytes.map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
const text = (template, length) => hex(length >> 8, length & 0xff) + template;
const varint = (length) => (length < 128 ? hex(length) : hex((length % 128) | 128, length >> 7));
const packet = (type, length, body) => hex(type) + varint(length) + body;

const ID = text('c%6d', 7);
const ROOM = text('r%4r', 5);
const PACKET_1 = hex(0, 1);
const connect = packet(0x10, 10 + 2 + 7, text('MQTT', 4) + hex(4, 2, 0, 0) + ID);
const CONNECTED = hex(0x20, 2, 0, 0);
const subscribe = (topic, length) => packet(0x82, 2 + 2 + length + 1, PACKET_1 + topic + hex(0));
const SUBSCRIBED = hex(0x90, 3, 0, 1, 0);
const unsubscribe = packet(0xa2, 2 + 2 + 5, PACKET_1 + ROOM);
const UNSUBSCRIBED = hex(0xb0, 2, 0, 1);
const publish = (topic, length) => packet(0x30, 2 + length + PAYLOAD_BYTES, `${topic}%P`);

const GREET = ['--send', connect, '--expect', CONNECTED];

/** mosquitto: an MQTT broker in C, over WebSockets; each room is a topic. QoS 0, as the other peers keep nothing. */
export const mosquitto = {
  name: 'mosquitto',
  version: () => versionOf('mosquitto', ['-h'], /mosquitto version ([\d.]+)/),
  packages: 'mosquitto',
  wire: {
    hearsItself: true,
    options: ['--proto', 'mqtt', '--binary', '--multi'],
    greet: GREET,
    login: [...GREET, '--send', subscribe(ROOM, 5), '--expect', SUBSCRIBED],
    publish: publish(ROOM, 5),
    // A topic of one's own.
    pingLogin: [...GREET, '--send', subscribe(ID, 7), '--expect', SUBSCRIBED],
    ping: [[publish(ID, 7), '{"t":1']],
    join: [
      [subscribe(ROOM, 5), SUBSCRIBED],
      [unsubscribe, UNSUBSCRIBED],
    ],
  },
  start: () => startProgram('mosquitto', config, (file) => ['-c', file]),
};

/** A version that has WebSockets alone does not start: hence a socket that nobody uses. */
function config(port, folder) {
  return `
user root
allow_anonymous true
log_type error
max_queued_messages 0
persistence false
listener ${port} 127.0.0.1
protocol websockets
listener 0 ${folder}/mqtt.sock
`;
}
