import { LANGUAGES, type Language, language, setLanguage } from '../../shared/i18n.js';
import { setTheme, type Theme, theme } from '../../shared/theme.js';
import { Dialog, Select, Switch } from '../../shared/ui/index.js';
import { imagesShown } from '../conversation/external-image.js';
import { CopyText } from '../copy-text.js';
import { usePage } from '../page.js';
import './profile.css';
import { t } from './texts.js';

const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

/** What is kept for this browser, and what others need to know. */
export function SettingsDialog() {
  const { chat, settings, show } = usePage();
  return (
    <Dialog title={t('settings')} size="small" onClose={() => show(null)}>
      <Select
        label={t('language')}
        value={language.value}
        options={(Object.keys(LANGUAGES) as Language[]).map((value) => ({ value, label: LANGUAGES[value] }))}
        onValue={(value) => setLanguage(value as Language)}
      />
      <Select
        label={t('theme')}
        value={theme.value}
        options={THEMES.map((value) => ({ value, label: t(value) }))}
        onValue={(value) => setTheme(value as Theme)}
      />
      <Switch
        label={t('images')}
        hint={t('imagesHint')}
        checked={imagesShown.value}
        onChange={(shown) => {
          imagesShown.value = shown;
        }}
      />
      <div class="field">
        <strong class="settings-label">{t('userId')}</strong>
        <CopyText text={chat.me.userId} />
        <p class="field-hint">{t('userIdHint')}</p>
      </div>
      <div class="field">
        <strong class="settings-label">{t('keys')}</strong>
        <dl class="keys">
          <dt>
            <kbd>Ctrl</kbd>/<kbd>⌘</kbd> + <kbd>K</kbd>
          </dt>
          <dd>{t('keyFind')}</dd>
          <dt>
            <kbd>↑</kbd> <kbd>↓</kbd>
          </dt>
          <dd>{t('keyMove')}</dd>
          <dt>
            <kbd>Esc</kbd>
          </dt>
          <dd>{t('keyClose')}</dd>
        </dl>
      </div>
      {settings.version && <p class="field-hint">{t('version', { version: settings.version })}</p>}
    </Dialog>
  );
}
