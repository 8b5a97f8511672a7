import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { IconButton } from './button.js';
import { Icon, type IconName } from './icon.js';
import './menu.css';

export interface MenuItem {
  readonly label: string;
  readonly icon?: IconName;
  readonly danger?: boolean;
  readonly onSelect: () => void;
}

export interface MenuProps {
  /** What the button is read out as; with a face, before what that says. */
  readonly label: string;
  /** Nothing is shown where there is nothing to choose. */
  readonly items: readonly MenuItem[];
  /** @default 'more' */
  readonly icon?: IconName;
  /** The button's face instead of an icon. */
  readonly children?: ComponentChildren;
  /** Side of the button that the list is flush with. @default 'end' */
  readonly align?: 'start' | 'end';
}

/** A button that opens a list of actions: arrows move in it, Esc and a click elsewhere close it. */
export function Menu({ label, items, icon = 'more', children, align = 'end' }: MenuProps) {
  const [place, setPlace] = useState<{ x: number; y: number; up: boolean } | null>(null);
  const root = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const button = () => root.current?.querySelector<HTMLElement>('button');
  const close = () => {
    setPlace(null);
    button()?.focus();
  };
  const open = () => {
    const box = button()?.getBoundingClientRect();
    if (box === undefined) return;
    const up = box.bottom > innerHeight * 0.6;
    // Fixed to the window, as lists that scroll would cut it off.
    setPlace({
      x: align === 'end' ? innerWidth - box.right : box.left,
      y: up ? innerHeight - box.top : box.bottom,
      up,
    });
  };
  useEffect(() => {
    if (place === null) return;
    list.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus();
    const away = (event: Event) => {
      if (!(event.target instanceof Node && root.current?.contains(event.target))) setPlace(null);
    };
    const gone = () => setPlace(null);
    document.addEventListener('pointerdown', away);
    addEventListener('resize', gone);
    return () => {
      document.removeEventListener('pointerdown', away);
      removeEventListener('resize', gone);
    };
  }, [place]);
  if (items.length === 0) return null;
  const face = { 'aria-haspopup': 'menu' as const, 'aria-expanded': place !== null, onClick: place ? close : open };
  return (
    <div class="menu" ref={root}>
      {children ? (
        <button type="button" class="menu-button" {...face}>
          <span class="unseen">{label}:</span>
          {children}
        </button>
      ) : (
        <IconButton icon={icon} label={label} {...face} />
      )}
      {place && (
        <div
          ref={list}
          class="menu-list"
          role="menu"
          tabIndex={-1}
          aria-label={label}
          style={{
            [align === 'end' ? 'right' : 'left']: `${place.x}px`,
            [place.up ? 'bottom' : 'top']: `${place.y}px`,
          }}
          onKeyDown={(event) => onKey(event, list.current, close)}
        >
          {items.map((item) => (
            <button
              key={item.label}
              type="button"
              role="menuitem"
              tabIndex={-1}
              class={item.danger ? 'menu-item danger' : 'menu-item'}
              onClick={() => {
                close();
                item.onSelect();
              }}
            >
              {item.icon && <Icon name={item.icon} />}
              <span>{item.label}</span>
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

function onKey(event: KeyboardEvent, list: HTMLElement | null, close: () => void): void {
  const items = [...(list?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 }[event.key];
  if (to !== undefined) items[to % items.length]?.focus();
  else if (event.key === 'Escape' || event.key === 'Tab') close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}
