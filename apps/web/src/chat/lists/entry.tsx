import type { ComponentChildren } from 'preact';
import { formatNumber } from '../../shared/i18n.js';
import { harmlessLine } from '../conversation/markdown/harmless.js';
import { t } from '../texts.js';

export interface EntryProps {
  readonly href: string;
  readonly name: string;
  readonly isSelected: boolean;
  readonly unread: number;
  /** In front of the name: decoration. */
  readonly mark: ComponentChildren;
  /** Below the name. */
  readonly below?: string | undefined;
  /** Said after the name: what the mark shows. */
  readonly spoken?: string | undefined;
}

const MOST_SHOWN = 99;

/** One line of the lists: a link to a conversation. */
export function Entry({ href, name: given, isSelected, unread, mark, below, spoken }: EntryProps) {
  const name = harmlessLine(given);
  return (
    <li>
      <a
        class={unread > 0 ? 'entry unread' : 'entry'}
        href={href}
        aria-current={isSelected ? 'page' : undefined}
        title={name}
      >
        <span class="entry-mark" aria-hidden="true">
          {mark}
        </span>
        <span class="entry-text">
          <span class="clip">{name}</span>
          {below && <span class="clip entry-below">{below}</span>}
        </span>
        {spoken && <span class="unseen">, {spoken}</span>}
        {unread > 0 && (
          <>
            <span class="badge" aria-hidden="true">
              {unread > MOST_SHOWN ? `${MOST_SHOWN}+` : formatNumber(unread)}
            </span>
            <span class="unseen">, {t('unread', { count: unread })}</span>
          </>
        )}
      </a>
    </li>
  );
}
