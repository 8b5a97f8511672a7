import type { ButtonHTMLAttributes, ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.js';
import './button.css';

type Native = Omit<ButtonHTMLAttributes, 'class' | 'className' | 'icon'>;

export interface ButtonProps extends Native {
  readonly children: ComponentChildren;
  /** @default 'plain' */
  readonly kind?: 'plain' | 'primary' | 'danger' | 'quiet';
  readonly icon?: IconName | undefined;
  /** Under way: shown, and not to be pressed again. */
  readonly busy?: boolean | undefined;
  readonly class?: string | undefined;
}

export function Button({ kind = 'plain', icon, busy, children, class: more = '', ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      class={`button ${kind} ${more}`}
      aria-busy={busy || undefined}
      {...rest}
      disabled={rest.disabled || busy}
    >
      {icon && <Icon name={icon} />}
      <span>{children}</span>
    </button>
  );
}

export interface IconButtonProps extends Native {
  readonly icon: IconName;
  /** What it does: read out, and shown when pointed at. */
  readonly label: string;
  readonly class?: string | undefined;
}

export function IconButton({ icon, label, class: more = '', ...rest }: IconButtonProps) {
  return (
    <button type="button" class={`icon-button ${more}`} aria-label={label} title={label} {...rest}>
      <Icon name={icon} />
    </button>
  );
}
