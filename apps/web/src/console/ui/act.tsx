import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { sayError, sharedTexts } from '../../shared/texts.js';
import { Button, Dialog, Field } from '../../shared/ui/index.js';
import { type Outcome, outcomeOf } from '../state/outcome.js';
import { t } from '../texts.js';

/** Something that cannot be taken back, or is felt by others. It is asked about before, and its outcome is told after. */
export interface Act {
  /** A question that names the target. */
  readonly title: string;
  /** What will have happened, to whom. */
  readonly consequence: ComponentChildren;
  /** The verb on its button. */
  readonly verb: string;
  /** What has to be typed first: for what takes much down with it. */
  readonly typed?: string;
  /** Something else to say for it; `run` is given it. */
  readonly field?: { readonly label: string; readonly required?: boolean; readonly hint?: string };
  /** @default true */
  readonly danger?: boolean;
  /** Its outcome is what is seen behind the dialog. */
  readonly silent?: boolean;
  readonly run: (said: string) => Promise<unknown>;
  /** Told when the dialog is closed after it was done, or may have been. */
  readonly after?: () => void;
}

const asked = signal<Act | null>(null);

/** Asks whether to do it. */
export function ask(act: Act): void {
  asked.value = act;
}

type Stage =
  | { readonly name: 'asking'; readonly fault?: string }
  | { readonly name: 'running' }
  | { readonly name: 'done'; readonly outcome: Outcome };

/** Where acts are asked about: once in the page. */
export function ActDialog() {
  const act = asked.value;
  return act === null ? null : <Asked key={act.title} act={act} onClose={() => (asked.value = null)} />;
}

function Asked({ act, onClose }: { act: Act; onClose: () => void }) {
  const { title, consequence, verb, typed, field, danger = true } = act;
  const [stage, setStage] = useState<Stage>({ name: 'asking' });
  const [written, setWritten] = useState('');
  const [said, setSaid] = useState('');
  const isDone = stage.name === 'done';
  const run = async () => {
    setStage({ name: 'running' });
    try {
      const outcome = outcomeOf(await act.run(said.trim()));
      if (act.silent) onClose();
      else setStage({ name: 'done', outcome });
    } catch (error) {
      setStage({ name: 'asking', fault: t('failed', { why: sayError(error) }) });
    }
  };
  const close = () => {
    if (stage.name === 'running') return;
    onClose();
    if (isDone) act.after?.();
  };
  // Whoever goes back has left what the question is about.
  useEffect(() => {
    addEventListener('hashchange', close);
    return () => removeEventListener('hashchange', close);
  });
  const isReady = (typed === undefined || written === typed) && !(field?.required && said.trim() === '');
  const buttons = isDone ? (
    <Button kind="primary" onClick={close}>
      {sharedTexts('close')}
    </Button>
  ) : (
    <>
      <Button onClick={close} disabled={stage.name === 'running'}>
        {sharedTexts('cancel')}
      </Button>
      <Button type="submit" kind={danger ? 'danger' : 'primary'} busy={stage.name === 'running'} disabled={!isReady}>
        {verb}
      </Button>
    </>
  );
  return (
    <Dialog title={title} onClose={close} onSubmit={isDone ? close : () => void run()} actions={buttons}>
      {/* There from the beginning, or what comes into it is not read out. */}
      <div role="status" class="act-outcome">
        {isDone && <OutcomeText outcome={stage.outcome} />}
      </div>
      {!isDone && (
        <>
          <div class="act-consequence">{consequence}</div>
          {field && <Field label={field.label} hint={field.hint} value={said} maxLength={256} onValue={setSaid} />}
          {typed !== undefined && (
            <Field
              label={t('typeToConfirm', { expected: typed })}
              value={written}
              autocomplete="off"
              spellcheck={false}
              onValue={setWritten}
            />
          )}
        </>
      )}
      <p class="field-error" role="alert">
        {stage.name === 'asking' && stage.fault}
      </p>
    </Dialog>
  );
}

function OutcomeText({ outcome: { closed, unconfirmed } }: { outcome: Outcome }) {
  const text = useRef<HTMLParagraphElement>(null);
  // The button that was pressed is gone: the keyboard goes on with the one that closes.
  useLayoutEffect(
    () => text.current?.closest('dialog')?.querySelector<HTMLElement>('.dialog-foot button')?.focus(),
    [],
  );
  return (
    <>
      <p ref={text}>{closed === null ? t('outcomeDone') : t('outcomeClosed', { count: closed })}</p>
      {unconfirmed.length > 0 && (
        <p class="notice warning">
          {t('outcomeUnconfirmed', { count: unconfirmed.length, nodes: unconfirmed.join(', ') })}
        </p>
      )}
    </>
  );
}
