import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { sharedTexts } from '../texts.js';
import { IconButton } from './button.js';
import './dialog.css';

export interface DialogProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** Asked to close: by Esc, the button, or a click beside it. Whoever shows the dialog takes it away. */
  readonly onClose: () => void;
  /** Buttons at its foot, the main one last. */
  readonly actions?: ComponentChildren;
  /** With a form, Enter in a field does the same as its submit button. */
  readonly onSubmit?: (() => void) | undefined;
  /** @default 'medium' */
  readonly size?: 'small' | 'medium' | 'large';
}

/**
 * A modal dialog while it is rendered. The focus is kept inside, begins at what has `autofocus` (else at the first field), and returns to
 * where it was.
 */
export function Dialog({ title, children, onClose, actions, onSubmit, size = 'medium' }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // Before anything else is typed: keys pressed right after belong to the dialog.
  useLayoutEffect(() => {
    const before = document.activeElement;
    const element = dialog.current;
    element?.showModal();
    const first = element?.querySelector<HTMLElement>('[autofocus], .dialog-body :is(input, select, textarea, button)');
    first?.focus();
    return () => {
      element?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const body = (
    <>
      <header class="dialog-head">
        <h2 id={titleId}>{title}</h2>
        <IconButton icon="close" label={sharedTexts('close')} onClick={onClose} />
      </header>
      <div class="dialog-body">{children}</div>
      {actions && <footer class="dialog-foot">{actions}</footer>}
    </>
  );
  return (
    <dialog
      ref={dialog}
      class={`dialog ${size}`}
      aria-labelledby={titleId}
      onCancel={(event) => {
        // Esc: it is closed by whoever shows it, or not at all.
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => event.target === dialog.current && onClose()}
    >
      {onSubmit ? (
        <form
          class="dialog-content"
          onSubmit={(event) => {
            event.preventDefault();
            onSubmit();
          }}
        >
          {body}
        </form>
      ) : (
        <div class="dialog-content">{body}</div>
      )}
    </dialog>
  );
}
