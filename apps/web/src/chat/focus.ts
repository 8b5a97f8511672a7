import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Place } from './state/route.js';

/** Where only one pane is shown: the same limit as in chat-page.css. */
const ONE_PANE = '(max-width: 47.99rem)';

/**
 * Where only one pane is on the screen, the focus goes along to it; back in the lists it goes to the line one came from. Otherwise
 * it stays with whoever moved, so that the arrows go on in the lists.
 * @returns for the main pane
 */
export function useFocusOnPlace(place: Place): RefObject<HTMLElement | null> {
  const main = useRef<HTMLElement>(null);
  const before = useRef<string | null>(null);
  const isFirst = useRef(true);
  useEffect(() => {
    const hash = location.hash;
    if (!isFirst.current && matchMedia(ONE_PANE).matches && !document.querySelector('dialog[open]')) {
      const line = [...document.querySelectorAll<HTMLElement>('.lists .entry')].find(
        (entry) => entry.getAttribute('href') === before.current,
      );
      if (place === null) line?.focus();
      else if (!main.current?.contains(document.activeElement)) main.current?.focus();
    }
    isFirst.current = false;
    before.current = hash;
  }, [place]);
  return main;
}
