import { useState } from 'preact/hooks';
import { Button, Field } from '../../shared/ui/index.js';
import { goTo } from '../state/console.js';
import { routeTo } from '../state/route.js';
import { t as common } from '../texts.js';
import { Head } from '../ui/head.js';
import { t } from './texts.js';

/** There is no list of users: at scale nobody reads it. They are found by id, or come to by rooms and connections. */
export function UsersView() {
  const [id, setId] = useState('');
  return (
    <>
      <Head title={common('users')} />
      <form
        class="panel"
        role="search"
        aria-label={t('find')}
        onSubmit={(event) => {
          event.preventDefault();
          if (id !== '') goTo(routeTo(['users', id]));
        }}
      >
        <Field
          label={t('id')}
          hint={t('findHint')}
          type="search"
          value={id}
          required
          autofocus
          maxLength={128}
          spellcheck={false}
          autocapitalize="none"
          autocomplete="off"
          onValue={setId}
        >
          <Button type="submit" kind="primary" icon="search">
            {t('open')}
          </Button>
        </Field>
      </form>
    </>
  );
}
