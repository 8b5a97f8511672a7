import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { startProgram, versionOf } from './start-program.mjs';

/** What it keeps of a channel for those who come back: all of it is what they missed. */
const RECOVERED = 100;
const MODULE = '/usr/lib/nginx/modules/ngx_nchan_module.so';

/** nchan: publish and subscribe as a module of nginx, in C. Each room is a channel; one WebSocket does both. */
export const nchan = {
  name: 'nchan',
  version() {
    const nginx = versionOf('nginx', ['-v'], /nginx\/([\d.]+)/);
    if (nginx === null || !existsSync(MODULE)) return null;
    const { stdout } = spawnSync('dpkg-query', ['-W', '-f', '${Version}', 'libnginx-mod-nchan'], { encoding: 'utf8' });
    return `${/(?:\d+:)?([\d.]*\d)/.exec(stdout ?? '')?.[1] ?? 'of unknown version'} in nginx ${nginx}`;
  },
  packages: 'nginx-light libnginx-mod-nchan',
  wire: {
    hearsItself: true,
    options: ['--path', '/room/r%r'],
    greet: [],
    login: [],
    publish: '%P',
    // An own channel, whose one member hears itself.
    pingOptions: ['--path', '/room/c%d'],
    ping: [['%P', '{"t":1']],
    recover: (first, last) => ['--path', '/kept/r%r', '--recover', `${first}-${last}`],
  },
  async start() {
    const server = await startProgram('nginx', config, (file) => ['-c', file]);
    return { ...server, keep: (rooms, contents) => keep(server.address, rooms, contents) };
  },
};

async function keep({ host }, rooms, contents) {
  for (let room = 0; room < rooms; room++)
    for (const body of contents) {
      const { status } = await fetch(`http://${host}/keep/r${room}`, { method: 'POST', body });
      if (status >= 300) throw new Error(`nchan answered ${status} to a message that it should keep`);
    }
}

const config = (port, folder) => `
load_module ${MODULE};
daemon off;
master_process off;
worker_rlimit_nofile 20000;
pid ${folder}/nginx.pid;
error_log stderr error;
events { worker_connections 18000; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  nchan_shared_memory_size 512M;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location ~ ^/room/(\\w+)$ {
      nchan_pubsub websocket;
      nchan_channel_id $1;
      nchan_subscriber_first_message newest;
      nchan_message_buffer_length 1000;
    }
    location ~ ^/keep/(\\w+)$ {
      nchan_publisher http;
      nchan_channel_id kept-$1;
      nchan_message_buffer_length ${RECOVERED};
      nchan_message_timeout 0;
    }
    location ~ ^/kept/(\\w+)$ {
      nchan_subscriber websocket;
      nchan_channel_id kept-$1;
      nchan_subscriber_first_message oldest;
      nchan_message_buffer_length ${RECOVERED};
    }
  }
}
`;
