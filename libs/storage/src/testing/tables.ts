import type { EntityMetadata, QueryRunner } from 'typeorm';
import type { Database } from '../database.js';

/** What can be told of a table in the same words on every database. */
interface TableShape {
  readonly name: string;
  readonly columns: readonly string[];
  readonly indices: readonly string[];
}

/** The tables as the entities describe them, and as the migrations made them: to be the same. */
export async function shapesOfTables(database: Database): Promise<{ entities: TableShape[]; tables: TableShape[] }> {
  const { entityMetadatas } = database.dataSource;
  const runner = database.dataSource.createQueryRunner();
  const tables: TableShape[] = [];
  for (const { tableName } of entityMetadatas) tables.push(await shapeOfTable(runner, tableName));
  await runner.release();
  return { entities: entityMetadatas.map((metadata) => shapeOfEntity(database, metadata)), tables };
}

function shapeOfEntity({ dataSource }: Database, { tableName, columns, indices }: EntityMetadata): TableShape {
  return {
    name: tableName,
    columns: columns.map((column) =>
      columnShape(column.databaseName, dataSource.driver.normalizeType(column), column.isNullable, column.isPrimary),
    ),
    indices: indices.map(({ name }) => name).sort(),
  };
}

async function shapeOfTable(runner: QueryRunner, name: string): Promise<TableShape> {
  const table = await runner.getTable(name);
  return {
    name,
    columns: (table?.columns ?? []).map((column) =>
      columnShape(column.name, column.type, column.isNullable, column.isPrimary),
    ),
    indices: (table?.indices ?? []).map((index) => index.name ?? '').sort(),
  };
}

/** Every integer has 64 bits in SQLite, and `longtext` is MySQL's word for what is `text` elsewhere. */
function columnShape(name: string, type: string, isNullable: boolean, isPrimary: boolean): string {
  const common = type.replace('longtext', 'text').replace(/^(bigint|integer|int|smallint)$/, 'integer');
  return `${name} ${common}${isNullable ? '' : ' NOT NULL'}${isPrimary ? ' KEY' : ''}`;
}
