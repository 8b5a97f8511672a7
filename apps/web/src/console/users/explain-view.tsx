import type { ErrorBody } from '@hubbub/protocol';
import { useState } from 'preact/hooks';
import { sayError } from '../../shared/texts.js';
import { Button, Field, Select } from '../../shared/ui/index.js';
import { route, useConsole } from '../state/console.js';
import { asCommandError } from '../state/poll.js';
import { t as common } from '../texts.js';
import { Badge, Head, type Tone } from '../ui/head.js';
import { Unconfirmed } from '../ui/loaded.js';
import { Table } from '../ui/table.js';
import { type Field as Asked, COMMANDS, dataOf, fieldsOf } from './explained.js';
import { ruleText, t } from './texts.js';

/** `POST /api/operator/explain`. */
interface Explanation {
  readonly user_id: string;
  readonly action: string;
  readonly allowed: boolean;
  readonly rule: string;
  readonly error?: ErrorBody;
  readonly steps: readonly {
    readonly rule: string;
    readonly outcome: 'passed' | 'refused' | 'not_asked';
    readonly because: string;
  }[];
  readonly judged_by: { readonly source: 'connection' | 'account' | 'given'; readonly connection_id?: string };
  readonly unconfirmed?: readonly string[];
}

const TONES: Record<Explanation['steps'][number]['outcome'], Tone> = {
  passed: 'good',
  refused: 'danger',
  not_asked: 'quiet',
};
const ROLES = ['moderator', 'member', 'invited', 'banned', 'none'] as const;

/** Why a user was denied something: the gateway's own rules answer, one after the other. */
export function ExplainView() {
  const { api } = useConsole();
  const { query } = route.value;
  const [user, setUser] = useState(query['user'] ?? '');
  const [command, setCommand] = useState(query['command'] ?? 'join_room');
  const [values, setValues] = useState<Record<Asked, string>>({
    ...{ room_id: query['room'] ?? '', target_id: '', seq: '' },
    role: 'member',
  });
  const [answer, setAnswer] = useState<Explanation | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const fields = fieldsOf(command);
  const set = (field: Asked) => (value: string) => setValues({ ...values, [field]: value });
  const explain = async () => {
    setBusy(true);
    setFault(null);
    try {
      const body = { user_id: user, command: command.trim(), data: dataOf(command, values) };
      setAnswer(await api.post<Explanation>('/operator/explain', body));
    } catch (error) {
      setAnswer(null);
      setFault(asCommandError(error).name === 'ClientOffline' ? t('nobodyKnown') : sayError(error));
    }
    setBusy(false);
  };
  const text = { autocapitalize: 'none', autocomplete: 'off', spellcheck: false, maxLength: 128 } as const;
  return (
    <>
      <Head title={t('explain')} about={t('explainAbout')} />
      <form
        class="panel explain"
        onSubmit={(event) => {
          event.preventDefault();
          void explain();
        }}
      >
        <Field label={t('id')} value={user} required onValue={setUser} {...text} />
        <div class="field">
          <label for="explain-command">{t('command')}</label>
          <input
            id="explain-command"
            list="explain-commands"
            value={command}
            required
            {...text}
            onInput={(event) => setCommand(event.currentTarget.value)}
          />
          <datalist id="explain-commands">
            {COMMANDS.map((name) => (
              <option key={name} value={name} />
            ))}
          </datalist>
        </div>
        {fields.includes('room_id') && (
          <Field label={t('room')} value={values.room_id} onValue={set('room_id')} {...text} />
        )}
        {fields.includes('target_id') && (
          <Field label={t('target')} value={values.target_id} required onValue={set('target_id')} {...text} />
        )}
        {fields.includes('role') && (
          <Select
            label={t('role')}
            value={values.role}
            options={ROLES.map((value) => ({ value, label: common(value) }))}
            onValue={set('role')}
          />
        )}
        {fields.includes('seq') && (
          <Field label={t('seq')} type="number" min={0} value={values.seq} required onValue={set('seq')} />
        )}
        <Button type="submit" kind="primary" busy={busy}>
          {t('ask')}
        </Button>
      </form>
      <p class={fault ? 'notice error' : ''} role="alert">
        {fault}
      </p>
      <div aria-live="polite">{answer && <Answer answer={answer} />}</div>
    </>
  );
}

function Answer({ answer }: { answer: Explanation }) {
  const { allowed, rule, error, steps, judged_by, user_id, action, unconfirmed } = answer;
  const deciding = steps.find(({ outcome }) => outcome === 'refused');
  return (
    <section class="answer">
      <h2>
        <Badge tone={allowed ? 'good' : 'danger'}>{allowed ? t('passed') : t('refusedShort')}</Badge>{' '}
        {allowed ? t('allowed') : t('refused', { rule })}
      </h2>
      <p>{allowed ? t('allowedText', { user: user_id, command: action }) : deciding?.because}</p>
      {!allowed && error === undefined && <p>{t('silent')}</p>}
      {error && (
        <p>
          {t('answered')}{' '}
          <code>
            {error.code} {error.name}
          </code>
          : {error.message}
          {error.details !== undefined && <code> {JSON.stringify(error.details)}</code>}
        </p>
      )}
      <p class="soft">{t(`judged_${judged_by.source}`, { connection: judged_by.connection_id ?? '' })}</p>
      <Unconfirmed nodes={unconfirmed} />
      <Table
        caption={t('steps')}
        rows={steps}
        keyOf={(step) => steps.indexOf(step)}
        columns={[
          { id: 'rule', label: t('rule'), cell: (step) => <Rule name={step.rule} /> },
          {
            id: 'outcome',
            label: t('outcome'),
            cell: ({ outcome }) => (
              <Badge tone={TONES[outcome]}>{t(outcome === 'refused' ? 'refusedShort' : outcome)}</Badge>
            ),
          },
          { id: 'because', label: t('because'), cell: ({ because }) => <div class="wrap">{because}</div> },
        ]}
      />
    </section>
  );
}

function Rule({ name }: { name: string }) {
  return (
    <>
      <code>{name}</code> <span class="soft">{ruleText(name)}</span>
    </>
  );
}
