/**
 * Which packages are published, and what no import tells of them. Everything else is computed: the entries are those of
 * tsconfig.json, the files what these reach, the dependencies what the files import, the ranges those of package.json.
 */

/** By name of the library, in the order of their dependencies. `bin` names files of its `src` folder. */
export const PACKAGES = {
  protocol: {
    description: 'The wire contract of Hubbub: message schemas, types, errors, close codes, permissions and subjects.',
    keywords: ['protocol', 'schema', 'typebox'],
  },
  client: {
    description: 'The client of Hubbub for browsers and Node: connects, resumes and misses nothing, with typed events.',
    keywords: ['client', 'browser', 'reconnect'],
    // Helpers for frameworks: who imports their entry has the framework.
    optionalPeers: ['react', 'vue'],
    peerEntries: ['./react', './vue'],
    // What the helpers need was there before what they are tested with, and more would keep others from installing the client.
    ranges: { react: '>=18', vue: '>=3.3' },
    // What runs when it is loaded, as the script of a worker does.
    effects: ['./tabs-worker'],
  },
  sdk: {
    description: 'Hubbub for other NestJS services: typed commands and room events, each exactly once.',
    keywords: ['nestjs', 'microservices', 'nats', 'jetstream'],
  },
  hubbub: {
    description: 'A realtime gateway for NestJS: rooms, presence, direct messages and durable history over WebSockets.',
    keywords: ['nestjs', 'gateway', 'rooms', 'presence', 'chat', 'pubsub'],
    bin: { hubbub: 'cli/main.ts' },
    // What `servePages` serves.
    folders: ['pages'],
    // Nest, TypeORM and the pipe of classes load these by name.
    loads: ['@fastify/static', 'better-sqlite3', 'class-transformer', 'class-validator', 'class-validator-jsonschema'],
    // Only some applications need these: nothing of the package imports them as soon as it is imported.
    optionalPeers: [
      '@nats-io/jetstream',
      '@nats-io/transport-node',
      'class-transformer',
      'class-validator',
      'class-validator-jsonschema',
      'ioredis',
      'mysql2',
      'pg',
    ],
    // Installed with it; who uses another database can do without the compiler that it may need.
    optional: ['better-sqlite3'],
  },
  testing: {
    description: 'The test kit of Hubbub: gateways, clusters and typed clients in a test.',
    keywords: ['nestjs', 'testing', 'jest', 'vitest'],
  },
};

/** The package that a library is part of: its own, or that of the server. */
export const packageOf = (library) => (Object.hasOwn(PACKAGES, library) ? library : 'hubbub');

/** What an application has one copy of, because its own classes use it too: it is installed beside us. */
export const PEERS = [
  '@hubbub/hubbub',
  '@nestjs/common',
  '@nestjs/core',
  '@nestjs/microservices',
  '@nestjs/platform-express',
  '@nestjs/platform-fastify',
  '@nestjs/swagger',
  '@nestjs/testing',
  '@nestjs/websockets',
  'reflect-metadata',
  'rxjs',
];
