/** One key of `GET /api/operator/config`. */
export interface ConfigKey {
  readonly key: string;
  /** Null is unset; secrets are `…`. */
  readonly value: unknown;
  readonly default: unknown;
  readonly default_note?: string;
  readonly unit?: string;
  readonly source: 'default' | 'file' | 'environment' | 'code';
  readonly reloadable: boolean;
  readonly description: string;
  readonly environment: string;
}

export type Only = 'all' | 'changed' | 'reloadable';

/** Keys in which every word of the search is found: in the key, its variable, its description or its value. */
export function filterKeys(keys: readonly ConfigKey[], search: string, only: Only): ConfigKey[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return keys.filter((one) => {
    if (only === 'changed' && one.source === 'default') return false;
    if (only === 'reloadable' && !one.reloadable) return false;
    const text = `${one.key} ${one.environment} ${one.description} ${textOf(one.value)}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
