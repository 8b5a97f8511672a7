import type { ComponentChildren } from 'preact';
import { t } from '../texts.js';

export interface Column<T> {
  readonly id: string;
  readonly label: string;
  readonly cell: (row: T) => ComponentChildren;
  /** Figures stand below each other. */
  readonly isNumber?: boolean;
  /** What the column is sorted by when its head is pressed. */
  readonly onSort?: () => void;
  readonly sorted?: 'ascending' | 'descending' | undefined;
}

export interface TableProps<T> {
  /** What the rows are: read out. */
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string | number;
  readonly empty?: string;
  readonly rowClass?: (row: T) => string;
}

/** The column of what can be done with a row: its buttons say it, so that its head is only read out. */
export const ACTS = 'acts';

/** A table whose first column names the row. Where it is too wide, it scrolls within itself, by keyboard too. */
export function Table<T>({ caption, columns, rows, keyOf, empty, rowClass }: TableProps<T>) {
  if (rows.length === 0) return <p class="soft empty">{empty ?? t('nothing')}</p>;
  return (
    <div class="table-scroll" role="region" aria-label={t('table', { what: caption })} tabIndex={0}>
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ id, label, isNumber, onSort, sorted }) => (
              <th key={id} scope="col" class={isNumber ? 'number' : undefined} aria-sort={sorted}>
                {onSort ? (
                  <button type="button" class="sort" onClick={onSort}>
                    {label}
                    <span aria-hidden="true">
                      {sorted === 'ascending' ? ' ↑' : sorted === 'descending' ? ' ↓' : ''}
                    </span>
                  </button>
                ) : id === ACTS ? (
                  <span class="unseen">{label}</span>
                ) : (
                  label
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} class={rowClass?.(row)}>
              {columns.map(({ id, cell, isNumber }, index) =>
                index === 0 ? (
                  <th key={id} scope="row">
                    {cell(row)}
                  </th>
                ) : (
                  <td key={id} class={isNumber ? 'number' : id === ACTS ? ACTS : undefined}>
                    {cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
