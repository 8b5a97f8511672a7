/** A client of a few lines, that shares nothing with the library that it may find faults of. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { WebSocket } from 'ws';

/** Registers or signs in. @returns an access token */
export async function account({ http }, route, username) {
  const response = await fetch(`${http}/api/auth/${route}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password: `${username}s own password` }),
  });
  const body = await response.json();
  assert.ok(response.ok, JSON.stringify(body));
  return body.access_token;
}

/** A bare client: a command and its answer, the next push of a type, the close code. */
export async function connect({ socket }, token) {
  const ws = new WebSocket(socket, { headers: { authorization: `Bearer ${token}` } });
  const frames = [];
  const waiting = new Set();
  const closed = once(ws, 'close').then(([code]) => code);
  ws.on('message', (text) => {
    const frame = JSON.parse(text);
    for (const wait of waiting) if (wait(frame)) return;
    frames.push(frame);
  });
  const take = (matches) => {
    const at = frames.findIndex(matches);
    if (at >= 0) return Promise.resolve(frames.splice(at, 1)[0]);
    return new Promise((found, failed) => {
      const wait = (frame) => {
        if (!matches(frame)) return false;
        waiting.delete(wait);
        found(frame);
        return true;
      };
      waiting.add(wait);
      void closed.then((code) => failed(new Error(`closed with ${code} while waiting`)));
    });
  };
  const next = (type) => take((frame) => frame.message_type === type);
  let ids = 0;
  const command = async (type, data) => {
    const id = ++ids;
    ws.send(JSON.stringify({ message_type: type, message_id: id, data }));
    const answer = await take((frame) => frame.request_id === id);
    assert.notEqual(answer.message_type, 'error', JSON.stringify(answer.data));
    return answer;
  };
  await Promise.race([
    once(ws, 'open'),
    once(ws, 'unexpected-response').then(([, r]) => Promise.reject(new Error(`HTTP ${r.statusCode}`))),
  ]);
  const { data: session } = await next('connected');
  assert.equal(session.authenticated, true);
  return { session, command, next, closed, close: () => ws.close(1000) };
}
