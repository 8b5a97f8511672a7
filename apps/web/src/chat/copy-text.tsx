import { IconButton, toast } from '../shared/ui/index.js';
import './copy-text.css';
import { t } from './rooms/texts.js';

/** A text that is there to be given to others. */
export function CopyText({ text }: { readonly text: string }) {
  return (
    <span class="copy-text">
      <code>{text}</code>
      <IconButton icon="copy" label={t('copy')} onClick={() => void copy(text)} />
    </span>
  );
}

/** Copies, and says so; where the browser does not let it, the text is shown to be copied by hand. */
export async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(t('copied'));
  } catch {
    toast(text);
  }
}
