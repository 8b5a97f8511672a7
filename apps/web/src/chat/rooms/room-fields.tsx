import { Field, Switch } from '../../shared/ui/index.js';
import { t } from './dialog-texts.js';
import type { faultsOf, RoomForm } from './room-form.js';

interface Props {
  readonly form: RoomForm;
  readonly faults: ReturnType<typeof faultsOf>;
  readonly change: (part: Partial<RoomForm>) => void;
}

/** What everybody decides about a room. @param autofocus for a room that has no name yet */
export function RoomFields({ form, faults, change, autofocus = false }: Props & { readonly autofocus?: boolean }) {
  return (
    <>
      <Field
        label={t('name')}
        name="room-name"
        placeholder={t('namePlaceholder')}
        error={faults.name && t(faults.name)}
        autocomplete="off"
        maxLength={128}
        required
        autofocus={autofocus}
        value={form.name}
        onValue={(name) => change({ name })}
      />
      <Field
        label={t('topic')}
        hint={t('topicHint')}
        autocomplete="off"
        maxLength={200}
        value={form.topic}
        onValue={(topic) => change({ topic })}
      />
      <Switch
        label={t('isPrivate')}
        hint={t('privateHint')}
        checked={form.isPrivate}
        onChange={(isPrivate) => change({ isPrivate })}
      />
    </>
  );
}

/** How many may be in it at once. */
export function CapacityField({ form, faults, change }: Props) {
  return (
    <Field
      label={t('capacity')}
      hint={t('capacityHint')}
      error={faults.capacity && t(faults.capacity)}
      inputMode="numeric"
      autocomplete="off"
      value={form.capacity}
      onValue={(capacity) => change({ capacity })}
    />
  );
}
