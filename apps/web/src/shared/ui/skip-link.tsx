import type { RefObject } from 'preact';
import './skip-link.css';

/** Leads who comes by keyboard past the navigation. The address of the page says where one is, and so does not change. */
export function SkipLink({ to, text }: { readonly to: RefObject<HTMLElement | null>; readonly text: string }) {
  return (
    <a
      class="skip-link"
      href="#main"
      onClick={(event) => {
        event.preventDefault();
        to.current?.focus();
      }}
    >
      {text}
    </a>
  );
}
