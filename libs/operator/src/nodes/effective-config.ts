import { NodeInfo } from '@hubbub/bus';
import { type ConfigEntry, HubbubConfig } from '@hubbub/config';
import { Injectable } from '@nestjs/common';
import { HIDDEN, redactedUrl } from './redacted.js';

/** The configuration as it holds on this node now, without secrets. */
@Injectable()
export class EffectiveConfig {
  constructor(
    private readonly config: HubbubConfig,
    private readonly node: NodeInfo,
  ) {}

  read() {
    return { node_id: this.node.nodeId, file: this.config.file, keys: this.config.entries().map(shown) };
  }
}

function shown({ key, value, source }: ConfigEntry) {
  return {
    key: key.name,
    value: value === undefined ? null : key.secret ? HIDDEN : typeof value === 'string' ? redactedUrl(value) : value,
    default: key.default ?? null,
    ...(key.defaultNote === undefined ? {} : { default_note: key.defaultNote }),
    ...(key.unit === undefined ? {} : { unit: key.unit }),
    source,
    reloadable: key.reload,
    description: key.description,
    environment: key.variable,
  };
}
