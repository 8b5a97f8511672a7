import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { sayError, sharedTexts } from '../texts.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { Field } from './field.js';

export interface ConfirmProps {
  readonly title: string;
  /** What will have happened: plain words. */
  readonly children?: ComponentChildren;
  /** The verb on the button: "Delete the room". */
  readonly action: string;
  readonly danger?: boolean;
  /** Asks for a reason, which `onConfirm` is given. */
  readonly reasonLabel?: string;
  /** What has to be typed before it can be done: for what cannot be undone. */
  readonly typed?: { readonly label: string; readonly expected: string };
  readonly onConfirm: (reason: string) => Promise<unknown> | void;
  readonly onClose: () => void;
}

/** Asks before something is done, stays while it is, and says what went wrong. */
export function Confirm(props: ConfirmProps) {
  const { title, children, action, danger, reasonLabel, typed, onConfirm, onClose } = props;
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const [reason, setReason] = useState('');
  const [written, setWritten] = useState('');
  const confirm = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await onConfirm(reason.trim());
      onClose();
    } catch (cause) {
      setError(sayError(cause));
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={title}
      size="small"
      onClose={onClose}
      onSubmit={() => void confirm()}
      actions={
        <>
          <Button onClick={onClose}>{sharedTexts('cancel')}</Button>
          <Button
            type="submit"
            kind={danger ? 'danger' : 'primary'}
            busy={busy}
            disabled={typed !== undefined && written !== typed.expected}
          >
            {action}
          </Button>
        </>
      }
    >
      {children}
      {reasonLabel && <Field label={reasonLabel} maxLength={256} value={reason} onValue={setReason} />}
      {typed && <Field label={typed.label} value={written} onValue={setWritten} autocomplete="off" />}
      {error && (
        <p class="field-error" role="alert">
          {error}
        </p>
      )}
    </Dialog>
  );
}
