import type { ComponentChildren } from 'preact';
import { Field } from '../../shared/ui/index.js';
import { t } from './texts.js';

interface Props {
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly error: string | undefined;
  /** Beside it. */
  readonly children?: ComponentChildren;
}

/** Asks for a person by the id that he has here. */
export function UserIdField({ value, onValue, error, children }: Props) {
  return (
    <Field
      label={t('userId')}
      hint={t('userIdHint')}
      error={error}
      autocomplete="off"
      autocapitalize="none"
      spellcheck={false}
      maxLength={128}
      autofocus
      value={value}
      onValue={onValue}
    >
      {children}
    </Field>
  );
}
