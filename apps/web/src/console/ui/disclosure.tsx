import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

interface DisclosureProps {
  readonly summary: ComponentChildren;
  /** What the summary is read out as, where it is only a number. */
  readonly label?: string;
  readonly children: () => ComponentChildren;
}

/** What is looked at in few rows of many: it is not in the page until it is opened. */
export function Disclosure({ summary, label, children }: DisclosureProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary class="number" aria-label={label}>
        {summary}
      </summary>
      {isOpen && children()}
    </details>
  );
}
