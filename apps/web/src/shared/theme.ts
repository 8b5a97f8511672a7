import { signal } from '@preact/signals';
import { readStored, writeStored } from './stored.js';

export type Theme = 'system' | 'light' | 'dark';

const chosen = signal<Theme>(readStored<Theme>('theme') ?? 'system');

/** Light or dark, or as the system has it. */
export const theme = chosen as { readonly value: Theme };

export function setTheme(next: Theme): void {
  chosen.value = next;
  writeStored('theme', next === 'system' ? undefined : next);
}
