import { Avatar, Menu, type MenuItem } from '../../shared/ui/index.js';
import { harmlessLine } from '../conversation/markdown/harmless.js';
import { usePage } from '../page.js';
import { t as page } from '../texts.js';
import './profile-menu.css';
import { t } from './texts.js';

/** Who is signed in, and what he can do about himself. */
export function ProfileMenu() {
  const { chat, show } = usePage();
  const { userId } = chat.me;
  const name = harmlessLine(chat.me.username);
  const { status, text } = chat.presence.state.value;
  const items: MenuItem[] = [
    { label: t('status'), icon: 'person', onSelect: () => show({ kind: 'status' }) },
    { label: t('settings'), icon: 'settings', onSelect: () => show({ kind: 'settings' }) },
  ];
  if (chat.may('admin:system')) {
    items.push({ label: t('console'), icon: 'info', onSelect: () => location.assign('./console') });
  }
  items.push({ label: t('signOut'), icon: 'leave', onSelect: () => show({ kind: 'sign-out' }) });
  return (
    <Menu label={t('menu')} items={items} align="start">
      <Avatar userId={userId} name={name} status={status} />
      <span class="profile-text">
        <span class="clip profile-name">{name}</span>
        <span class="clip soft profile-status">{text ? harmlessLine(text) : page(status)}</span>
      </span>
    </Menu>
  );
}
