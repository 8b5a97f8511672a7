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

/** Colours of the style sheet, which knows of light and dark; a canvas does not. */
export const palette = computed(() => {
  // Asked for again when the page looks otherwise.
  void scheme.value;
  const probe = document.body.appendChild(document.createElement('span'));
  const colourOf = (name: string) => {
    probe.className = name;
    return getComputedStyle(probe).color;
  };
  const colours = {
    series: [colourOf('series-0'), colourOf('series-1')],
    text: colourOf('plot-text'),
    line: colourOf('plot-line'),
  };
  probe.remove();
  return colours;
});
