import { signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { sharedTexts } from '../texts.js';
import { IconButton } from './button.js';
import './toasts.css';

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly isError: boolean;
}

const shown = signal<readonly Toast[]>([]);
const MAX_SHOWN = 4;
const SHOWN_MS = 6_000;
let lastId = 0;

/** Says `text` in a corner of the page for a while: `status` when the reader is at leisure, `alert` at once, and until it is closed. */
export function toast(text: string, kind: 'status' | 'alert' = 'status'): void {
  const id = ++lastId;
  const isError = kind === 'alert';
  // The same again and again, as from a loop, is said once.
  const others = shown.value.filter((one) => one.text !== text);
  shown.value = [...others.slice(1 - MAX_SHOWN), { id, text, isError }];
  if (!isError) setTimeout(() => dismiss(id), SHOWN_MS);
}

function dismiss(id: number): void {
  shown.value = shown.value.filter((one) => one.id !== id);
}

/** Where toasts are shown: once in the page. Both lists are there from the beginning, or what comes into them is not read out. */
export function Toasts() {
  const place = useRef<HTMLDivElement>(null);
  const count = shown.value.length;
  useLayoutEffect(() => {
    // Above a dialog that is open: in the top layer, what came last is uppermost.
    place.current?.hidePopover?.();
    if (count > 0) place.current?.showPopover?.();
  }, [count]);
  return (
    <div class="toasts" popover="manual" ref={place}>
      <List role="alert" toasts={shown.value.filter(({ isError }) => isError)} />
      <List role="status" toasts={shown.value.filter(({ isError }) => !isError)} />
    </div>
  );
}

function List({ role, toasts }: { role: 'alert' | 'status'; toasts: readonly Toast[] }) {
  return (
    <div role={role} class="toast-list">
      {toasts.map(({ id, text }) => (
        <div key={id} class={`toast ${role}`}>
          <span>{text}</span>
          <IconButton icon="close" label={sharedTexts('dismiss')} onClick={() => dismiss(id)} />
        </div>
      ))}
    </div>
  );
}
