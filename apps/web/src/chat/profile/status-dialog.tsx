import { useState } from 'preact/hooks';
import { sharedTexts } from '../../shared/texts.js';
import { Button, Dialog, Field } from '../../shared/ui/index.js';
import { usePage } from '../page.js';
import type { OwnState } from '../state/entries.js';
import { t as page } from '../texts.js';
import './profile.css';
import { t } from './texts.js';

const STATUSES = ['online', 'away', 'busy'] as const;

/** How one is shown to others. */
export function StatusDialog() {
  const { chat, show } = usePage();
  const [state, setState] = useState<OwnState>(chat.presence.chosen.value);
  const close = () => show(null);
  return (
    <Dialog
      title={t('statusTitle')}
      size="small"
      onClose={close}
      onSubmit={() => {
        chat.presence.choose(state);
        close();
      }}
      actions={
        <>
          <Button onClick={close}>{sharedTexts('cancel')}</Button>
          <Button type="submit" kind="primary">
            {t('save')}
          </Button>
        </>
      }
    >
      <fieldset class="statuses">
        <legend class="unseen">{t('statusLabel')}</legend>
        {STATUSES.map((status) => (
          <label key={status} class="status-choice">
            <input
              type="radio"
              name="status"
              checked={state.status === status}
              onChange={() => setState({ ...state, status })}
            />
            <span class={`status-dot ${status}`} aria-hidden="true" />
            {page(status)}
          </label>
        ))}
      </fieldset>
      <p class="field-hint">{t('awayHint')}</p>
      <Field
        label={t('statusText')}
        hint={t('statusTextHint')}
        maxLength={100}
        autocomplete="off"
        value={state.text ?? ''}
        onValue={(text) => setState({ ...state, text })}
      />
    </Dialog>
  );
}
