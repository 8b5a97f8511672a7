import { useState } from 'preact/hooks';
import { sharedTexts } from '../../shared/texts.js';
import { Button, Dialog } from '../../shared/ui/index.js';
import { usePage } from '../page.js';
import { t } from './texts.js';
import { userIdOf } from './user-id.js';
import { UserIdField } from './user-id-field.js';

/** Begins a direct conversation by a user id. */
export function NewDirect() {
  const { chat, route, show } = usePage();
  const [userId, setUserId] = useState('');
  const [error, setError] = useState<string>();
  const close = () => show(null);
  return (
    <Dialog
      title={t('newTitle')}
      size="small"
      onClose={close}
      onSubmit={() => {
        const id = userIdOf(userId, { me: chat.me, known: chat.known.value });
        if (id === '') {
          setError(t('missing'));
          return;
        }
        close();
        route.go({ kind: 'direct', id });
      }}
      actions={
        <>
          <Button onClick={close}>{sharedTexts('cancel')}</Button>
          <Button type="submit" kind="primary">
            {t('newAction')}
          </Button>
        </>
      }
    >
      <UserIdField value={userId} onValue={setUserId} error={error} />
    </Dialog>
  );
}
