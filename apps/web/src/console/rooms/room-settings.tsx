import type { Room } from '@hubbub/protocol';
import { useState } from 'preact/hooks';
import { sayError, sharedTexts } from '../../shared/texts.js';
import { Button, Dialog, Field, Select, TextArea, toast } from '../../shared/ui/index.js';
import { useConsole } from '../state/console.js';
import { t } from './texts.js';

interface RoomSettingsProps {
  readonly room: Room;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}

/** What can be changed of a room. Only what was changed is sent. */
export function RoomSettings({ room, onClose, onSaved }: RoomSettingsProps) {
  const { api } = useConsole();
  const before = JSON.stringify(room.metadata, null, 2);
  const [name, setName] = useState(room.name);
  const [capacity, setCapacity] = useState(String(room.max_clients));
  const [visibility, setVisibility] = useState<string>(room.visibility);
  const [metadata, setMetadata] = useState(before);
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const parsed = parseObject(metadata);
  const save = async () => {
    if (parsed === null) return;
    setBusy(true);
    try {
      await api.patch(`/rooms/${encodeURIComponent(room.id)}`, {
        ...(name !== room.name && { name }),
        ...(Number(capacity) !== room.max_clients && { max_clients: Number(capacity) }),
        ...(visibility !== room.visibility && { visibility }),
        ...(metadata !== before && { metadata: parsed }),
      });
      toast(t('saved'));
      onSaved();
      onClose();
    } catch (error) {
      setFault(sayError(error));
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={`${t('edit')}: ${room.id}`}
      onClose={onClose}
      onSubmit={() => void save()}
      actions={
        <>
          <Button onClick={onClose}>{sharedTexts('cancel')}</Button>
          <Button type="submit" kind="primary" busy={busy} disabled={parsed === null}>
            {t('save')}
          </Button>
        </>
      }
    >
      <Field label={t('name')} value={name} required maxLength={128} onValue={setName} />
      <Field
        label={t('capacity')}
        hint={t('capacityHint')}
        type="number"
        min={0}
        max={1_000_000}
        required
        value={capacity}
        onValue={setCapacity}
      />
      <Select
        label={t('visibility')}
        value={visibility}
        options={(['public', 'private'] as const).map((value) => ({ value, label: t(value) }))}
        onValue={setVisibility}
      />
      <TextArea
        label={t('metadata')}
        hint={t('metadataHint')}
        error={parsed === null ? t('metadataWrong') : undefined}
        value={metadata}
        rows={5}
        spellcheck={false}
        onValue={setMetadata}
      />
      <p class="field-error" role="alert">
        {fault}
      </p>
    </Dialog>
  );
}

function parseObject(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
