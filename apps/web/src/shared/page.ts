import { effect } from '@preact/signals';
import './theme.css';
import { language } from './i18n.js';
import { theme } from './theme.js';

/** Keeps what the whole page shows by: its language, and light or dark. */
export function followSettings(): void {
  const { documentElement: root } = document;
  effect(() => {
    root.lang = language.value;
  });
  effect(() => {
    if (theme.value === 'system') delete root.dataset.theme;
    else root.dataset.theme = theme.value;
  });
}
