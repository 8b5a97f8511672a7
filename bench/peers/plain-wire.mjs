/**
 * What is said to the peers on `ws`, and by Nest's WsAdapter: `{event, data}`.
 *
 * A wire is how the load generator speaks to a peer, in its options (`bench/wsload --help`); what a peer cannot do it does not have:
 * `options` always; `greet` up to an open connection; `login` up to a member of room `%r`; `publish`; `acked` for publishing with an answer; `ping`, `join` as turns
 * of requests and answers; `recover(first, last)` up to a member who has what he missed; `hearsItself`: senders get their own messages.
 */
const JOIN = '{"event":"join","data":{"room":"r%r"}}';

export const plainWire = {
  options: [],
  greet: ['--expect', '"connected"'],
  login: ['--expect', '"connected"', '--send', JOIN, '--expect', '"joined"'],
  publish: '{"event":"publish","data":{"room":"r%r","content":%P}}',
  acked: { publish: '{"event":"publish","data":{"room":"r%r","ack":true,"content":%P}}', ack: '"published"' },
  ping: [['{"event":"ping","data":%P}', '"pong"']],
  join: [
    [JOIN, '"joined"'],
    ['{"event":"leave","data":{"room":"r%r"}}', '"left"'],
  ],
  token: ['--header', 'Authorization: Bearer %V'],
};
