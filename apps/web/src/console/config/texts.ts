import { makeTexts } from '../../shared/i18n.js';

export const t = makeTexts(
  {
    about: 'What holds on {node}: defaults, {file}, then the environment. Secrets are not shown.',
    aboutNoFile: 'What holds on {node}: defaults, then the environment; there is no file. Secrets are not shown.',
    search: 'Search',
    show: 'Show',
    all: 'All keys',
    changed: 'Not the default',
    reloadable: 'Taken over without a restart',
    key: 'Key',
    value: 'Value',
    usual: 'Default',
    source: 'From',
    default: 'default',
    file: 'file',
    environment: 'environment',
    code: 'code',
    reload: 'Change takes effect',
    atOnce: 'at once',
    restart: 'after a restart',
    variable: 'Variable',
    unset: 'unset',
    none: 'No key fits.',
    shown: { one: '{count} key', other: '{count} keys' },
  },
  () => import('./texts.zh.js'),
);
