import { useEffect, useRef, useState } from 'preact/hooks';
import { IconButton } from '../../shared/ui/index.js';
import { t } from './texts.js';

/** Enough to answer with; all others are in the keyboard of the system. */
const EMOJI = [
  '👍',
  '👎',
  '🙂',
  '😂',
  '🤣',
  '😊',
  '😍',
  '😉',
  '🤔',
  '😮',
  '😢',
  '😡',
  '👏',
  '🙏',
  '💪',
  '👀',
  '🎉',
  '❤️',
  '🔥',
  '✅',
  '❌',
  '🚀',
  '☕',
  '👋',
];

/** A small palette, for computers: phones have theirs in the keyboard. */
export function EmojiButton({
  disabled,
  onPick,
}: {
  readonly disabled: boolean;
  readonly onPick: (emoji: string) => void;
}) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    root.current?.querySelector<HTMLElement>('.emoji-palette button')?.focus();
    const away = (event: Event) => {
      if (!(event.target instanceof Node && root.current?.contains(event.target))) setOpen(false);
    };
    document.addEventListener('pointerdown', away);
    return () => document.removeEventListener('pointerdown', away);
  }, [open]);
  return (
    <div
      ref={root}
      class="emoji"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !open) return;
        setOpen(false);
        root.current?.querySelector('button')?.focus();
      }}
    >
      <IconButton
        icon="smile"
        label={t('emoji')}
        aria-haspopup="true"
        aria-expanded={open}
        disabled={disabled}
        onClick={() => setOpen(!open)}
      />
      {open && (
        <div class="emoji-palette" role="group" aria-label={t('emoji')}>
          {EMOJI.map((emoji) => (
            <button
              key={emoji}
              type="button"
              onClick={() => {
                setOpen(false);
                onPick(emoji);
              }}
            >
              {emoji}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
