import type pg from 'pg';

/**
 * What stands in the schema `public`, read from the catalogue in an order that never changes: as Kysely types, and as
 * SQL to read and compare. Both are files that are generated, committed, and compared by a test.
 */
export type SchemaFiles = { types: string; sql: string };

type Column = {
  table: string;
  name: string;
  type: string;
  sqlType: string;
  notNull: boolean;
  default: string | null;
  identity: string;
  generated: string;
};
type Named = { table: string; name: string; definition: string };
type Grant = { kind: string; object: string; role: string; privileges: string };

export async function describeSchema(client: pg.Client): Promise<SchemaFiles> {
  const read = async <Row extends pg.QueryResultRow>(text: string): Promise<Row[]> =>
    (await client.query<Row>(text)).rows;
  const columns = await read<Column>(columnsQuery);
  const constraints = await read<Named>(constraintsQuery);
  return {
    types: writeTypes(columns, constraints),
    sql: writeSql({
      columns,
      constraints,
      indexes: await read<Named>(indexesQuery),
      triggers: await read<Named>(triggersQuery),
      sequences: await read<Named>(sequencesQuery),
      functions: await read<Named>(functionsQuery),
      options: await read<Named>(optionsQuery),
      grants: await read<Grant>(grantsQuery),
    }),
  };
}

const tablesOfOurs = `c.relnamespace = 'public'::regnamespace and c.relname <> 'database_migration'`;

const columnsQuery = `
  select c.relname as "table", a.attname as name, t.typname as type, format_type(a.atttypid, a.atttypmod) as "sqlType",
    a.attnotnull as "notNull", pg_get_expr(d.adbin, d.adrelid) as default, a.attidentity as identity,
    a.attgenerated as generated
  from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  join pg_type t on t.oid = a.atttypid
  left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
  where ${tablesOfOurs} and c.relkind in ('r', 'p', 'v', 'm') and not c.relispartition
  order by c.relname collate "C", a.attnum`;

// Not-null constraints are told with their column; PostgreSQL before 18 does not even list them.
const constraintsQuery = `
  select c.relname as "table", k.conname as name, pg_get_constraintdef(k.oid) as definition
  from pg_constraint k join pg_class c on c.oid = k.conrelid
  where ${tablesOfOurs} and k.contype <> 'n' and not c.relispartition
  order by c.relname collate "C", strpos('pufcx', k.contype::text), k.conname collate "C"`;

const indexesQuery = `
  select c.relname as "table", i.relname as name, pg_get_indexdef(i.oid) as definition
  from pg_index x join pg_class c on c.oid = x.indrelid join pg_class i on i.oid = x.indexrelid
  where ${tablesOfOurs} and not c.relispartition
    and not exists (select from pg_constraint k where k.conindid = i.oid and k.conrelid = c.oid)
  order by c.relname collate "C", i.relname collate "C"`;

const triggersQuery = `
  select c.relname as "table", t.tgname as name, pg_get_triggerdef(t.oid) as definition
  from pg_trigger t join pg_class c on c.oid = t.tgrelid
  where ${tablesOfOurs} and not t.tgisinternal
  order by c.relname collate "C", t.tgname collate "C"`;

const sequencesQuery = `
  select '' as "table", c.relname as name,
    format('create sequence %I as %s increment %s minvalue %s maxvalue %s start %s', c.relname,
      format_type(s.seqtypid, null), s.seqincrement, s.seqmin, s.seqmax, s.seqstart) as definition
  from pg_sequence s join pg_class c on c.oid = s.seqrelid
  where ${tablesOfOurs}
    and not exists (select from pg_depend d where d.objid = c.oid and d.deptype in ('i', 'a') and d.refobjsubid > 0)
  order by c.relname collate "C"`;

const functionsQuery = `
  select '' as "table", p.proname as name, pg_get_functiondef(p.oid) as definition
  from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prokind in ('f', 'p')
  order by p.proname collate "C", pg_get_function_identity_arguments(p.oid) collate "C"`;

const optionsQuery = `
  select c.relname as "table", c.relkind::text as name,
    case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) else array_to_string(c.reloptions, ', ') end as definition
  from pg_class c
  where ${tablesOfOurs} and c.relkind in ('r', 'p', 'v', 'm') and (c.reloptions is not null or c.relkind in ('v', 'm'))
  order by c.relname collate "C"`;

// The owner may do everything; told is what others may.
const grantsQuery = `
  with told as (
    select case c.relkind when 'S' then 'sequence' else 'table' end as kind, c.relname as object, c.relowner as owner,
      g.grantee, lower(g.privilege_type) as privilege
    from pg_class c cross join lateral aclexplode(c.relacl) g where ${tablesOfOurs}
    union all
    select 'table', c.relname, c.relowner, g.grantee, format('%s (%I)', lower(g.privilege_type), a.attname)
    from pg_class c join pg_attribute a on a.attrelid = c.oid cross join lateral aclexplode(a.attacl) g
    where ${tablesOfOurs}
    union all
    select 'function', p.proname, p.proowner, g.grantee, lower(g.privilege_type)
    from pg_proc p cross join lateral aclexplode(p.proacl) g where p.pronamespace = 'public'::regnamespace
  )
  select kind, object, case grantee when 0 then 'public' else grantee::regrole::text end as role,
    string_agg(privilege, ', ' order by privilege collate "C") as privileges
  from told where grantee <> owner
  group by kind, object, grantee
  order by kind desc, object collate "C", grantee::regrole::text collate "C"`;

const HEAD = 'Generated by `npm run schema` from src/database/migrations; a test compares it. Do not edit.';

const typeNames: Readonly<Record<string, string>> = {
  int2: 'number',
  int4: 'number',
  int8: 'bigint',
  float4: 'number',
  float8: 'number',
  numeric: 'string',
  bool: 'boolean',
  text: 'string',
  varchar: 'string',
  bpchar: 'string',
  citext: 'string',
  inet: 'string',
  cidr: 'string',
  date: 'string',
  time: 'string',
  timestamptz: 'Date',
  bytea: 'Buffer',
  uuid: 'Uuid',
  name: 'string',
  xid8: 'string',
  pg_lsn: 'string',
};

function writeTypes(columns: readonly Column[], constraints: readonly Named[]): string {
  const choices = readChoices(constraints);
  const tables = Map.groupBy(columns, (column) => column.table);
  const bodies = [...tables].map(([table, ofTable]) => {
    const lines = ofTable.map((column) => `  ${column.name}: ${columnType(column, choices)};`);
    return `export type ${typeNameOf(table)} = {\n${lines.join('\n')}\n};\n`;
  });
  const schema = [...tables.keys()].map((table) => `  ${table}: ${typeNameOf(table)};`);
  const schemaType = schema.length > 0 ? `{\n${schema.join('\n')}\n}` : 'Record<never, never>';
  const body = `${bodies.join('\n')}\nexport type Schema = ${schemaType};\n`;
  const ours = ['ComputedColumn', 'Generated', 'GeneratedJson', 'Json'].filter((name) =>
    new RegExp(`\\b${name}\\b`).test(body),
  );
  const imports = [
    ...(ours.length > 0 ? [`import type { ${ours.join(', ')} } from './column-types.ts';`] : []),
    ...(/\bUuid\b/.test(body) ? ["import type { Uuid } from '../kernel/ids.ts';"] : []),
  ].sort((a, b) => a.slice(a.indexOf("'")).localeCompare(b.slice(b.indexOf("'"))));
  return `// ${HEAD}\n${imports.join('\n')}\n\n${body}`;
}

const typeNameOf = (table: string): string =>
  `${table
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')}Table`;

/** Columns whose CHECK lists their values get exactly these as their type. */
function readChoices(constraints: readonly Named[]): Map<string, string> {
  const choices = new Map<string, string>();
  for (const { table, definition } of constraints) {
    const list = /^CHECK \(\(+(\w+) = ANY \(+ARRAY\[([^\]]*)\]\)+(?:::\w+\[\]\)*)?\)*$/.exec(definition);
    const one = /^CHECK \(\((\w+) = ('[^']*')::text\)\)$/.exec(definition);
    const [, column, values] = list ?? one ?? [];
    if (column === undefined || values === undefined) continue;
    const literals = [...values.matchAll(/'([^']*)'/g)].map((match) => `'${match[1]}'`);
    if (literals.length > 0) choices.set(`${table}.${column}`, literals.join(' | '));
  }
  return choices;
}

function columnType(column: Column, choices: ReadonlyMap<string, string>): string {
  const filledIn = column.default !== null || column.identity !== '';
  const isArray = column.type.startsWith('_');
  const element = isArray ? column.type.slice(1) : column.type;
  if (element === 'jsonb' || element === 'json') {
    const json = filledIn ? 'GeneratedJson' : 'Json';
    return column.notNull ? json : `${json} | null`;
  }
  const base = choices.get(`${column.table}.${column.name}`) ?? typeNames[element];
  if (base === undefined)
    throw new Error(`${column.table}.${column.name}: no TypeScript type for ${column.sqlType} yet`);
  const shown = isArray ? (base.includes(' ') ? `(${base})[]` : `${base}[]`) : base;
  const whole = column.notNull ? shown : `${shown} | null`;
  if (column.generated !== '') return `ComputedColumn<${whole}>`;
  return filledIn ? `Generated<${whole}>` : whole;
}

type Parts = {
  columns: readonly Column[];
  constraints: readonly Named[];
  indexes: readonly Named[];
  triggers: readonly Named[];
  sequences: readonly Named[];
  functions: readonly Named[];
  options: readonly Named[];
  grants: readonly Grant[];
};

function writeSql(parts: Parts): string {
  const statements = [
    ...parts.sequences.map((sequence) => `${sequence.definition};`),
    ...[...Map.groupBy(parts.columns, (column) => column.table)].map(([table, columns]) =>
      writeTable(table, columns, parts),
    ),
    ...parts.functions.map((one) => `${one.definition.trim()};`),
    ...parts.triggers.map((trigger) => `${trigger.definition};`),
    parts.grants
      .map(({ privileges, kind, object, role }) => `grant ${privileges} on ${kind} ${object} to ${role};`)
      .join('\n'),
  ];
  return `-- ${HEAD}\n\n${statements.filter((statement) => statement !== '').join('\n\n')}\n`;
}

function writeTable(table: string, columns: readonly Column[], parts: Parts): string {
  const option = parts.options.find((one) => one.table === table);
  const indexes = parts.indexes.filter((index) => index.table === table).map((index) => `${index.definition};`);
  if (option?.name === 'v' || option?.name === 'm') {
    const view = `create ${option.name === 'm' ? 'materialized ' : ''}view ${table} as\n${option.definition}`;
    return [view, ...indexes].join('\n');
  }
  const lines = [
    ...columns.map(writeColumn),
    ...parts.constraints
      .filter((constraint) => constraint.table === table)
      .map((constraint) => `constraint ${constraint.name} ${constraint.definition}`),
  ];
  const end = option ? `) with (${option.definition});` : ');';
  return [`create table ${table} (\n  ${lines.join(',\n  ')}\n${end}`, ...indexes].join('\n');
}

function writeColumn(column: Column): string {
  const words = [column.name, column.sqlType];
  if (column.notNull) words.push('not null');
  if (column.identity !== '') words.push(`generated ${column.identity === 'a' ? 'always' : 'by default'} as identity`);
  else if (column.generated !== '') {
    words.push(`generated always as (${column.default})${column.generated === 's' ? ' stored' : ''}`);
  } else if (column.default !== null) words.push(`default ${column.default}`);
  return words.join(' ');
}
