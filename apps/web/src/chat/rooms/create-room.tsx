import { CommandError } from '@hubbub/client';
import { useState } from 'preact/hooks';
import { sayError, sharedTexts } from '../../shared/texts.js';
import { Button, Dialog, Field } from '../../shared/ui/index.js';
import { usePage } from '../page.js';
import { roomIdFor } from '../state/room-id.js';
import { t } from './dialog-texts.js';
import { CapacityField, RoomFields } from './room-fields.js';
import { faultsOf, type RoomForm } from './room-form.js';
import { t as rooms } from './texts.js';

/** Makes a room: a name is enough. */
export function CreateRoom({ name = '' }: { readonly name?: string | undefined }) {
  const { chat, route, show } = usePage();
  const [form, setForm] = useState<RoomForm>({ name, address: null, topic: '', isPrivate: false, capacity: '100' });
  const [isTried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const [isTaken, setTaken] = useState(false);
  const close = () => show(null);
  const address = form.address ?? roomIdFor(form.name);
  const faults = isTried ? faultsOf({ ...form, address }) : {};
  const change = (part: Partial<RoomForm>) => setForm({ ...form, ...part });

  const create = async () => {
    setTried(true);
    if (Object.keys(faultsOf({ ...form, address })).length > 0) return;
    setBusy(true);
    setError(undefined);
    try {
      const topic = form.topic.trim();
      const room = await chat.create({
        name: form.name.trim(),
        ...(address && { room_id: address }),
        ...(topic && { metadata: { topic } }),
        visibility: form.isPrivate ? 'private' : 'public',
        max_clients: Number(form.capacity),
      });
      close();
      route.go({ kind: 'room', id: room.id });
    } catch (cause) {
      setError(sayError(cause));
      setTaken(cause instanceof CommandError && cause.name === 'RoomAlreadyExists');
      setBusy(false);
    }
  };

  return (
    <Dialog
      title={rooms('create')}
      onClose={close}
      onSubmit={() => void create()}
      actions={
        <>
          <Button onClick={close}>{sharedTexts('cancel')}</Button>
          <Button type="submit" kind="primary" busy={busy}>
            {t('createAction')}
          </Button>
        </>
      }
    >
      <RoomFields form={form} faults={faults} change={change} autofocus />
      <details open={isTaken || faults.address !== undefined || faults.capacity !== undefined || undefined}>
        <summary>{t('more')}</summary>
        <div class="more-options">
          <Field
            label={t('address')}
            hint={t('addressHint')}
            error={faults.address && t(faults.address)}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            maxLength={128}
            value={address}
            onValue={(value) => change({ address: value })}
          />
          <CapacityField form={form} faults={faults} change={change} />
        </div>
      </details>
      {error && (
        <p class="field-error" role="alert">
          {error}
        </p>
      )}
    </Dialog>
  );
}
