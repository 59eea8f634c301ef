import pg from 'pg';
import { columnTypes } from '../database/column-types.ts';
import { lineName } from './batch-line.ts';

/**
 * Who may write. One process holds an advisory lock on a connection of its own and raises the head's epoch; batches
 * carry the epoch, so that whoever held it before can never commit again, however late it wakes. A process that is
 * gone frees the lock with its connection; one that hangs is found by its missing beats, and its connections are ended.
 */

const LOCK_CLASS = 0x6d7a;
const LOCK_KEY = 0x01;

export type Head = { seq: number; epoch: number; lastAtMs: number };

export class Leadership {
  readonly #client: pg.Client;
  lost: Error | undefined;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  /** A candidate: a connection that can hold the lock, and does not yet. */
  static async stand(connectionString: string, onLost: (error: Error) => void): Promise<Leadership> {
    const client = new pg.Client({
      connectionString,
      types: columnTypes,
      application_name: 'purser ledger lock',
      connectionTimeoutMillis: 5_000,
      query_timeout: 15_000,
      keepAlive: true,
    });
    const candidate = new Leadership(client);
    const lose = (error: Error) => {
      if (candidate.lost !== undefined) return;
      candidate.lost = error;
      onLost(error);
    };
    client.on('error', lose);
    client.on('end', () => lose(new Error('the connection that holds the lock has ended')));
    await client.connect();
    try {
      await client.query("set role purser_app; set search_path to public; set statement_timeout to '15s'");
    } catch (error) {
      candidate.drop();
      throw error;
    }
    return candidate;
  }

  async tryLock(): Promise<boolean> {
    const { rows } = await this.#client.query<{ got: boolean }>('select pg_try_advisory_lock($1, $2) as got', [
      LOCK_CLASS,
      LOCK_KEY,
    ]);
    return rows[0]?.got === true;
  }

  /** Ends the connection of a holder that has not been heard of for longer than `leaseMs`. */
  async endSilentHolder(leaseMs: number): Promise<void> {
    const { rows } = await this.#client.query<{ pid: number }>(
      `select l.pid from pg_locks l, ledger_head h
        where l.locktype = 'advisory' and l.classid = $1 and l.objid = $2 and l.granted and l.pid <> pg_backend_pid()
          and l.database = (select oid from pg_database where datname = current_database())
          and h.shard = 0 and h.beat_at < clock_timestamp() - make_interval(secs => $3::float8 / 1000)`,
      [LOCK_CLASS, LOCK_KEY, leaseMs],
    );
    await this.#endConnections(rows.map((row) => row.pid));
  }

  /**
   * Begins a new epoch. What earlier lines had under way is ended first, so that it is now either committed or will
   * never be: after this, the list is as it stands.
   */
  async takeOver(): Promise<Head> {
    const lines = await this.#client.query<{ pid: number }>(
      'select pid from pg_stat_activity where application_name = $1 and datname = current_database()',
      [lineName],
    );
    await this.#endConnections(lines.rows.map((row) => row.pid));
    const { rows } = await this.#client.query<{ seq: bigint; epoch: bigint; last_at: Date }>(
      `update ledger_head set epoch = epoch + 1, beat_at = clock_timestamp() where shard = 0
       returning seq, epoch, last_at`,
    );
    const head = rows[0];
    if (head === undefined) throw new Error('assertion: ledger_head has no row');
    return { seq: Number(head.seq), epoch: Number(head.epoch), lastAtMs: head.last_at.getTime() };
  }

  /** Only the login may end connections of the login; purser_app may not. */
  async #endConnections(pids: readonly number[]): Promise<void> {
    if (pids.length === 0) return;
    await this.#client.query('reset role');
    await this.#client.query('select pg_terminate_backend(pid) from unnest($1::int4[]) as pid', [pids]);
    await this.#client.query('set role purser_app');
  }

  /** Says that the holder of the epoch lives; false when the epoch is over. */
  async beat(epoch: number): Promise<boolean> {
    const { rowCount } = await this.#client.query(
      'update ledger_head set beat_at = clock_timestamp() where shard = 0 and epoch = $1',
      [epoch],
    );
    return rowCount === 1;
  }

  /** Cuts the connection without waiting for anything. */
  drop(): void {
    this.lost ??= new Error('dropped');
    this.#client.connection.stream.destroy();
  }

  async resign(): Promise<void> {
    this.lost ??= new Error('resigned');
    await this.#client.end();
  }
}
