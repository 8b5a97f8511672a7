import type { EntityManager } from 'typeorm';

/**
 * A condition that compares columns, the first one first, as `ORDER BY` does: to go on after a place in an index.
 * Databases agree on the answer, not on the form that they use an index for.
 * @param columns each with the name of its parameter, as `['log_id', 'logId']`
 */
export function compareRows(
  { dataSource }: EntityManager,
  columns: readonly (readonly [column: string, parameter: string])[],
  operator: '>' | '<=',
): string {
  const { type } = dataSource.options;
  if (type === 'mysql' || type === 'mariadb') return `(${oneByOne(columns, operator)})`;
  const names = columns.map(([column]) => column).join(', ');
  const parameters = columns.map(([, parameter]) => `:${parameter}`).join(', ');
  return `(${names}) ${operator} (${parameters})`;
}

function oneByOne(columns: readonly (readonly [string, string])[], operator: '>' | '<='): string {
  const [[column, parameter] = ['', ''], ...others] = columns;
  if (others.length === 0) return `${column} ${operator} :${parameter}`;
  const strict = operator === '<=' ? '<' : operator;
  return `${column} ${strict} :${parameter} OR (${column} = :${parameter} AND (${oneByOne(others, operator)}))`;
}
