import { signToken } from '@hubbub/hubbub';
import { fail, readArguments, readConfig } from './command-line.js';

const USAGE = `Prints a token signed with this node's secret.

  npm run token -- --user alice [--permissions send:message,admin:system] [--roles NAME,…] [--hours 24] [--config FILE]`;

const values = readArguments(['user', 'permissions', 'roles', 'hours', 'config'], USAGE);
const hours = Number(values.hours ?? 24);
if (!values.user || !(hours > 0)) fail(USAGE);
if (values.user.startsWith('anon:'))
  fail('ids that begin with anon: are those of anonymous connections; a token with one is refused');
const config = readConfig(values.config);
const list = (names: string | undefined) => names?.split(',').filter((name) => name !== '') ?? [];
const unknownRoles = list(values.roles).filter((role) => config.auth.roles[role] === undefined);
if (unknownRoles.length > 0) fail(`auth.roles has no ${unknownRoles.join(', ')}`);
const named = [...list(values.permissions), ...list(values.roles).flatMap((role) => config.auth.roles[role] ?? [])];
const permissions = named.length > 0 ? named : config.auth.defaultPermissions;
console.log(
  signToken(config, { userId: values.user, username: values.user, permissions, ttlS: Math.round(hours * 3600) }),
);
