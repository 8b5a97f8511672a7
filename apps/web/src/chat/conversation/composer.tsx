import { useComputed, useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { IconButton } from '../../shared/ui/index.js';
import type { Conversation } from './conversation.js';
import { EmojiButton } from './emoji-button.js';
import { t } from './texts.js';

export interface ComposerProps {
  readonly conversation: Conversation;
  readonly disabled: boolean;
  /** What was written is on its way. */
  readonly onSent: () => void;
}

/** Where a message is written. What is in it survives a reload; it leaves once it is kept elsewhere. */
export function Composer({ conversation, disabled, onSent }: ComposerProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const text = useSignal(conversation.texts.draft);
  const excess = useComputed(() => conversation.excess(text.value));
  const maySend = useComputed(() => text.value.trim() !== '' && excess.value <= 0);

  const write = (next: string) => {
    text.value = next;
    conversation.texts.draft = next;
    if (next.trim() === '') conversation.stopTyping();
    else conversation.setTyping();
  };
  const send = () => {
    if (!maySend.value || disabled) return;
    conversation.send(text.value.trim());
    text.value = '';
    onSent();
    field.current?.focus();
  };

  useLayoutEffect(() => fit(field.current), [text.value]);
  useEffect(() => {
    // On a phone the keyboard would cover what one has come to read.
    if (!hasTouchKeyboard()) field.current?.focus();
    return () => conversation.stopTyping();
  }, [conversation]);

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <EmojiButton
        disabled={disabled}
        onPick={(emoji) => {
          if (field.current) write(insert(field.current, emoji));
        }}
      />
      <textarea
        ref={field}
        rows={1}
        aria-label={t('message')}
        aria-describedby="composer-hint"
        aria-invalid={excess.value > 0}
        placeholder={t('placeholder')}
        enterkeyhint={hasTouchKeyboard() ? 'enter' : 'send'}
        value={text.value}
        disabled={disabled}
        onInput={({ currentTarget }) => write(currentTarget.value)}
        onBlur={() => conversation.stopTyping()}
        onKeyDown={(event) => {
          if (!isSendKey(event)) return;
          event.preventDefault();
          send();
        }}
      />
      <IconButton class="send" icon="send" label={t('send')} type="submit" disabled={disabled || !maySend.value} />
      <span id="composer-hint" class="unseen">
        {t('hint')}
      </span>
      {excess.value > 0 && (
        <p class="field-error" role="alert">
          {t('tooLong', { count: excess.value })}
        </p>
      )}
    </form>
  );
}

/** Enter, unless it ends a word that an input method puts together, or is asked to start a line. */
function isSendKey(event: KeyboardEvent): boolean {
  const isComposing = event.isComposing || event.keyCode === 229;
  return event.key === 'Enter' && !event.shiftKey && !event.altKey && !isComposing && !hasTouchKeyboard();
}

function hasTouchKeyboard(): boolean {
  return matchMedia('(hover: none) and (pointer: coarse)').matches;
}

/** As high as what is in it, up to what the style allows. */
function fit(field: HTMLTextAreaElement | null): void {
  if (field === null) return;
  field.style.height = 'auto';
  field.style.height = `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`;
}

/** Puts `what` where the cursor is. @returns the whole text then */
function insert(field: HTMLTextAreaElement, what: string): string {
  field.setRangeText(what, field.selectionStart, field.selectionEnd, 'end');
  field.focus();
  return field.value;
}
