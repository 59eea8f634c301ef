import pg from 'pg';
import { CannotStart, codeOf, reasonOf } from './cannot-start.ts';

const OLDEST_VERSION = 15;

type Facts = {
  version: number;
  fsync: string;
  synchronousCommit: string;
  fullPageWrites: string;
  encoding: string;
  inRecovery: boolean;
  superuser: boolean;
};

/**
 * Looks at the database as `connectionString` finds it and throws `CannotStart`, in one sentence with the cure, when
 * money would not be safe in it: settings under which a commit can be lost, a server that is too old, a copy that
 * lags, a text encoding that loses names. A superuser's login is refused in live mode (`strict`) and else only told.
 */
export async function refuseUnsafeDatabase(
  connectionString: string,
  options: { strict: boolean; say: (sentence: string) => void },
): Promise<void> {
  const facts = await readFacts(connectionString);
  const refusal = findRefusal(facts);
  if (refusal !== undefined) throw new CannotStart(refusal);
  if (!facts.superuser) return;
  const words =
    "The database's login is a superuser, who may change what is written in the books. " +
    'Make a login without that right: create role purser login createrole password ...';
  if (options.strict) throw new CannotStart(words);
  options.say(`Take care: ${words}`);
}

/**
 * Nothing of ours makes temporary tables, and whoever may make one could lay it over one of ours. The right is everybody's by
 * itself, and again after a restore: a dump has no rights at the database. Its owner takes it away here; another login says
 * what its owner has to do. For a database that is migrated.
 */
export async function refuseTemporary(connectionString: string, say: (sentence: string) => void): Promise<void> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 10_000, application_name: 'purser' });
  client.on('error', () => {});
  try {
    await client.connect();
    if (!(await mayMakeTemporary(client))) return;
    const { rows } = await client.query<{ name: string }>('select quote_ident(current_database()) as name');
    const name = rows[0]?.name ?? '';
    // Refused, without effect, or done by another starter in this very moment: what counts is what holds afterwards.
    await client.query(`revoke temporary on database ${name} from public, purser_app`).catch(() => {});
    say(
      (await mayMakeTemporary(client))
        ? `Take care: everybody may make temporary tables in this database. As the database's owner run: revoke temporary on database ${name} from public, purser_app;`
        : 'Everybody could make temporary tables in this database, as after a restore: that right is taken away again.',
    );
  } finally {
    await client.end().catch(() => {});
  }
}

async function mayMakeTemporary(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ may: boolean }>(
    `select has_database_privilege('purser_app', current_database(), 'TEMPORARY') as may`,
  );
  return rows[0]?.may === true;
}

function findRefusal(facts: Facts): string | undefined {
  if (facts.version < OLDEST_VERSION * 10_000) {
    return `The database is PostgreSQL ${Math.floor(facts.version / 10_000)}; Purser needs ${OLDEST_VERSION} or later.`;
  }
  if (facts.inRecovery) {
    return 'The database is a standby that follows another server: give Purser the address of the primary.';
  }
  if (facts.fsync !== 'on') {
    return 'The database has fsync off, so a power cut would lose or spoil money: set fsync = on and start again.';
  }
  if (facts.fullPageWrites !== 'on') {
    return 'The database has full_page_writes off, so a power cut could spoil its pages: set full_page_writes = on and start again.';
  }
  if (facts.synchronousCommit === 'off') {
    return 'The database has synchronous_commit off, so a payment that was confirmed could be lost: set synchronous_commit = on and start again.';
  }
  if (facts.encoding !== 'UTF8') {
    return `The database holds text as ${facts.encoding}, which cannot hold every name: make one with encoding UTF8.`;
  }
  return undefined;
}

async function readFacts(connectionString: string): Promise<Facts> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 10_000, application_name: 'purser' });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<Facts>(`
      select current_setting('server_version_num')::int as version, current_setting('fsync') as fsync,
        current_setting('synchronous_commit') as "synchronousCommit",
        current_setting('full_page_writes') as "fullPageWrites", current_setting('server_encoding') as encoding,
        pg_is_in_recovery() as "inRecovery",
        (select rolsuper from pg_roles where rolname = session_user) as superuser`);
    const [facts] = rows;
    if (!facts) throw new Error('the database gave no answer');
    return facts;
  } catch (error) {
    throw new CannotStart(sayUnreachable(connectionString, error), { cause: error });
  } finally {
    await client.end().catch(() => {});
  }
}

/** Why the database could not be asked, without its password. */
function sayUnreachable(connectionString: string, error: unknown): string {
  const url = new URL(connectionString);
  const where = `${url.hostname || 'localhost'}:${url.port || '5432'}`;
  const name = decodeURIComponent(url.pathname.slice(1));
  switch (codeOf(error)) {
    case '28P01':
    case '28000':
      return `The database at ${where} refuses the login "${decodeURIComponent(url.username)}": correct user and password in PURSER_DATABASE_URL.`;
    case '3D000':
      return `The server at ${where} has no database "${name}": make it with createdb, or correct PURSER_DATABASE_URL.`;
    case '53300':
      return `The database at ${where} has no connection left: close others or raise max_connections.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `There is no machine "${url.hostname}": correct PURSER_DATABASE_URL, or leave it out for the database inside.`;
    default:
      return (
        `The database at ${where} cannot be reached (${reasonOf(error) || codeOf(error) || 'no answer'}): ` +
        'start it or correct PURSER_DATABASE_URL, or leave that out for the database inside.'
      );
  }
}
