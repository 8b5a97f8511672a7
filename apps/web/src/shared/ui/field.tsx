import type { ComponentChildren, InputHTMLAttributes } from 'preact';
import { useId } from 'preact/hooks';
import './field.css';

interface Labels {
  readonly label: string;
  /** What is expected, below the field. */
  readonly hint?: string | undefined;
  /** What is wrong with it: read out when it comes. */
  readonly error?: string | undefined;
}

/** What an input and a text area are told alike, in HTML's words. */
interface Native {
  readonly name?: string;
  readonly value?: string;
  readonly placeholder?: string | undefined;
  readonly autocomplete?: string;
  readonly autocapitalize?: 'none' | 'sentences';
  readonly autofocus?: boolean;
  readonly spellcheck?: boolean;
  readonly required?: boolean;
  readonly disabled?: boolean;
  readonly readOnly?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
}

export interface FieldProps extends Labels, Native {
  /** @default 'text' */
  readonly type?: 'text' | 'password' | 'search' | 'number';
  readonly inputMode?: 'numeric' | 'text' | 'search';
  readonly min?: number;
  readonly max?: number;
  /** Each change, with the whole value. */
  readonly onValue?: (value: string) => void;
  /** Beside the input, as a button that shows the password. */
  readonly children?: ComponentChildren;
}

export function Field({ label, hint, error, onValue, children, ...rest }: FieldProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="field-row">
        <input
          id={id}
          aria-invalid={error !== undefined}
          aria-describedby={`${id}-hint`}
          // Preact's types tell inputs apart by their type, which is known to be one of ours only.
          {...(rest as InputHTMLAttributes)}
          onInput={(event) => onValue?.(event.currentTarget.value)}
        />
        {children}
      </div>
      <Below id={`${id}-hint`} hint={hint} error={error} />
    </div>
  );
}

export interface TextAreaProps extends Labels, Native {
  readonly rows?: number;
  readonly onValue?: (value: string) => void;
}

export function TextArea({ label, hint, error, onValue, ...rest }: TextAreaProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea
        id={id}
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-hint`}
        {...rest}
        onInput={(event) => onValue?.(event.currentTarget.value)}
      />
      <Below id={`${id}-hint`} hint={hint} error={error} />
    </div>
  );
}

export interface SelectProps extends Labels {
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly onValue: (value: string) => void;
  readonly disabled?: boolean;
}

export function Select({ label, hint, error, value, options, onValue, disabled }: SelectProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        disabled={disabled}
        aria-describedby={`${id}-hint`}
        onChange={(event) => onValue(event.currentTarget.value)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      <Below id={`${id}-hint`} hint={hint} error={error} />
    </div>
  );
}

/** Always there, as only what is there already is read out when it changes. */
function Below({ id, hint, error }: { id: string; hint: string | undefined; error: string | undefined }) {
  return (
    <p id={id} class={error === undefined ? 'field-hint' : 'field-error'} aria-live="polite">
      {error ?? hint}
    </p>
  );
}
