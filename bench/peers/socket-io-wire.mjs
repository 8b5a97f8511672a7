/** Engine.IO 4 and Socket.IO 5 over WebSocket; the parts of a wire are told in plain-wire.mjs. */
const GREET = ['--expect', '0{', '--send', '40', '--expect', '40{'];
const JOIN = '42["join",{"room":"r%r"}]';

export const socketIoWire = {
  // A heartbeat of Engine.IO, asked and answered as text.
  options: ['--path', '/socket.io/?EIO=4&transport=websocket', '--reply', '2=3'],
  greet: GREET,
  login: [...GREET, '--send', JOIN, '--expect', '42["joined"'],
  publish: '42["publish",{"room":"r%r","content":%P}]',
  acked: { publish: '42%n["publish",{"room":"r%r","content":%P}]', ack: '43' },
  ping: [['42["ping",%P]', '42["pong"']],
  join: [
    [JOIN, '42["joined"'],
    ['42["leave",{"room":"r%r"}]', '42["left"'],
  ],
  token: ['--header', 'Authorization: Bearer %V'],
};
