import { computed, signal } from '@preact/signals';
import { theme } from '../../shared/theme.js';

const media = matchMedia('(prefers-color-scheme: dark)');
const isSystemDark = signal(media.matches);
media.addEventListener('change', ({ matches }) => {
  isSystemDark.value = matches;
});

/** What the page looks like now: a canvas has to be drawn anew for it. */
export const scheme = computed(() =>
  theme.value === 'system' ? (isSystemDark.value ? 'dark' : 'light') : theme.value,
);
