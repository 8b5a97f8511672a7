/** The look-up of servers, with those that this machine has. Tests of the gateway that need a server say themselves when it is missing. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { after, test } from 'node:test';
import { lookUp, SERVICES } from './services/find.mjs';
import { findProgram, startServer, stopServer } from './services/start.mjs';

const started = [];
after(() => Promise.all(started.map(stopServer)));
const installed = SERVICES.filter(({ program }) => findProgram(program) !== null);

for (const service of installed) {
  test(`${service.name} starts in a folder of its own, is found by ${service.variable}, can be started again, and leaves nothing behind`, async () => {
    const server = await startServer(service);
    started.push(server);
    const found = await lookUp(service, { [service.variable]: server.url });
    assert.deepEqual(found, { url: server.url, how: service.variable });

    process.kill(server.pid, server.stopSignal);
    while ((await service.probe(server.url)) !== 'nothing listens there');
    await server.restart();
    assert.equal(await service.probe(server.url), null);

    await stopServer(server);
    assert.equal(await service.probe(server.url), 'nothing listens there');
    assert.equal(existsSync(server.folder), false);
  });
}

for (const service of SERVICES) {
  test(`a listener that is no ${service.name} is not taken for one`, async () => {
    const listener = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise((done) => listener.listen(0, '127.0.0.1', done));
    const url = service.url(listener.address().port);
    const found = await lookUp(service, { [service.variable]: url });
    listener.close();
    assert.equal(found.url, undefined);
    // Whoever names a server means that one, so the standard port is not tried instead.
    assert.equal(found.reasons.length, 1);
  });
}

for (const service of installed.filter(({ name }) => name === 'postgres')) {
  test('a database that does not exist is told, not left for the first query to find', async () => {
    const server = await startServer(service);
    started.push(server);
    assert.match(await service.probe(server.url.replace('/test', '/nowhere')), /nowhere/);
    assert.match(await service.probe(server.url.replace('postgres@', 'nobody@')), /nobody/);
  });
}
