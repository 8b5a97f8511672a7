import type { Room } from '@hubbub/protocol';
import { useState } from 'preact/hooks';
import { sayError, sharedTexts } from '../../shared/texts.js';
import { Button, Dialog, toast } from '../../shared/ui/index.js';
import { usePage } from '../page.js';
import { t } from './dialog-texts.js';
import { CapacityField, RoomFields } from './room-fields.js';
import { faultsOf, type RoomForm, topicOf } from './room-form.js';
import { t as rooms } from './texts.js';

/** For who may change the room. */
export function RoomSettings({ room, onClose }: { readonly room: Room; readonly onClose: () => void }) {
  const { chat } = usePage();
  const [form, setForm] = useState<RoomForm>({
    name: room.name,
    address: room.id,
    topic: topicOf(room.metadata),
    isPrivate: room.visibility === 'private',
    capacity: String(room.max_clients),
  });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const faults = faultsOf(form);
  const change = (part: Partial<RoomForm>) => setForm({ ...form, ...part });

  const save = async () => {
    if (Object.keys(faults).length > 0) return;
    setBusy(true);
    setError(undefined);
    try {
      // What other clients keep there stays.
      const { topic: _, ...others } = room.metadata;
      const topic = form.topic.trim();
      await chat.update({
        room_id: room.id,
        name: form.name.trim(),
        visibility: form.isPrivate ? 'private' : 'public',
        max_clients: Number(form.capacity),
        metadata: { ...others, ...(topic && { topic }) },
      });
      toast(t('saved'));
      onClose();
    } catch (cause) {
      setError(sayError(cause));
      setBusy(false);
    }
  };

  return (
    <Dialog
      title={rooms('settings')}
      onClose={onClose}
      onSubmit={() => void save()}
      actions={
        <>
          <Button onClick={onClose}>{sharedTexts('cancel')}</Button>
          <Button type="submit" kind="primary" busy={busy}>
            {t('save')}
          </Button>
        </>
      }
    >
      <RoomFields form={form} faults={faults} change={change} />
      <CapacityField form={form} faults={faults} change={change} />
      {error && (
        <p class="field-error" role="alert">
          {error}
        </p>
      )}
    </Dialog>
  );
}
