import { spawnSync } from 'node:child_process';
import pg from 'pg';
import { makeId, pick } from './ledger-chance.ts';

/** What the writer is compared with: the same rows and indexes, written as most programs would. */

export const CUSTOMERS = 10_000;
export const MERCHANTS = 10;
const TPCB_SCALE = 10;

/** 20 % of traffic goes to the ten merchants. */
export function pickParties(): { from: number; to: number } {
  const from = 1 + pick(CUSTOMERS);
  if (pick(5) === 0) return { from, to: CUSTOMERS + 1 + pick(MERCHANTS) };
  const to = 1 + pick(CUSTOMERS);
  return { from, to: to === from ? (to % CUSTOMERS) + 1 : to };
}

export async function makeBaselineTables(owner: string): Promise<void> {
  const client = new pg.Client({ connectionString: owner });
  await client.connect();
  await client.query(
    `
    create table bench_account (like ledger_account including all);
    create table bench_transfer (like ledger_transfer including all);
    insert into bench_account (id, credits_posted, ledger, code, flags)
      select i, 1000000000, 1, 1, 1 from generate_series(1, ${CUSTOMERS + MERCHANTS}) i;
    create table tpcb_branch (bid int primary key, bbalance int not null, filler char(88)) with (fillfactor = 100);
    create table tpcb_teller (tid int primary key, bid int, tbalance int not null, filler char(84));
    create table tpcb_account (aid int primary key, bid int, abalance int not null, filler char(84));
    create table tpcb_history (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22));
    insert into tpcb_branch select i, 0 from generate_series(1, ${TPCB_SCALE}) i;
    insert into tpcb_teller select i, (i - 1) / 10 + 1, 0 from generate_series(1, ${TPCB_SCALE * 10}) i;
    insert into tpcb_account select i, (i - 1) / 100000 + 1, 0, '' from generate_series(1, ${TPCB_SCALE * 100_000}) i;
    create function bench_transfer_once(p_id uuid, p_from bigint, p_to bigint, p_amount bigint) returns bigint language plpgsql as $$
    declare f bench_account; t bench_account; n bigint;
    begin
      perform 1 from bench_account where id in (p_from, p_to) order by id for no key update;
      update bench_account set debits_posted = debits_posted + p_amount, seq = seq + 1
        where id = p_from and credits_posted - debits_posted - debits_pending >= p_amount returning * into f;
      if not found then return null; end if;
      update bench_account set credits_posted = credits_posted + p_amount, seq = seq + 1 where id = p_to returning * into t;
      n := nextval('bench_seq');
      insert into bench_transfer values (p_id, n, p_from, p_to, p_amount, f.credits_posted - f.debits_posted,
        t.credits_posted - t.debits_posted, f.seq, t.seq, now(), 1, 1, 1, null, null, 0, 0, 0);
      return n;
    end $$;
    create sequence bench_seq cache 100;
    grant all on all tables in schema public to purser_app;
    grant all on sequence bench_seq to purser_app;
    grant execute on function bench_transfer_once to purser_app;
    analyze;
  `.replaceAll(
      'grant all on all tables in schema public to purser_app;',
      'grant all on bench_account, bench_transfer, tpcb_branch, tpcb_teller, tpcb_account, tpcb_history to purser_app;',
    ),
  );
  await client.end();
}

const make = () => ({ id: makeId(), ...pickParties(), amount: 1 + pick(100) });

/** Begin, both accounts locked and changed in the order of their ids, the row, commit; from a pool. */
export async function transactionPerTransfer(pool: pg.Pool): Promise<number> {
  const { id, from, to, amount } = make();
  const client = await pool.connect();
  try {
    await client.query('begin');
    const take = () =>
      client.query({
        name: 'b_take',
        text: `update bench_account set debits_posted = debits_posted + $2, seq = seq + 1
                where id = $1 and credits_posted - debits_posted - debits_pending >= $2
                returning credits_posted - debits_posted as balance, seq`,
        values: [from, amount],
      });
    const give = () =>
      client.query({
        name: 'b_give',
        text: `update bench_account set credits_posted = credits_posted + $2, seq = seq + 1 where id = $1
                returning credits_posted - debits_posted as balance, seq`,
        values: [to, amount],
      });
    const first = await (from < to ? take() : give());
    const second = await (from < to ? give() : take());
    const [f, t] = from < to ? [first.rows[0], second.rows[0]] : [second.rows[0], first.rows[0]];
    await client.query({
      name: 'b_row',
      text: "insert into bench_transfer values ($1, nextval('bench_seq'), $2, $3, $4, $5, $6, $7, $8, now(), 1, 1, 1, null, null, 0, 0, 0)",
      values: [id, from, to, amount, f.balance, t.balance, f.seq, t.seq],
    });
    await client.query('commit');
    return 1;
  } finally {
    client.release();
  }
}

export async function plpgsqlPerTransfer(pool: pg.Pool): Promise<number> {
  const { id, from, to, amount } = make();
  await pool.query({
    name: 'b_once',
    text: 'select bench_transfer_once($1, $2, $3, $4)',
    values: [id, from, to, amount],
  });
  return 1;
}

/** The transaction of TPC-B as pgbench has it, through the same driver. */
export async function tpcbLike(pool: pg.Pool): Promise<number> {
  const [aid, tid, bid] = [1 + pick(TPCB_SCALE * 100_000), 1 + pick(TPCB_SCALE * 10), 1 + pick(TPCB_SCALE)];
  const delta = pick(10_000) - 5_000;
  const client = await pool.connect();
  try {
    await client.query('begin');
    const run = (name: string, text: string, values: number[]) => client.query({ name, text, values });
    await run('t1', 'update tpcb_account set abalance = abalance + $1 where aid = $2', [delta, aid]);
    await run('t2', 'select abalance from tpcb_account where aid = $1', [aid]);
    await run('t3', 'update tpcb_teller set tbalance = tbalance + $1 where tid = $2', [delta, tid]);
    await run('t4', 'update tpcb_branch set bbalance = bbalance + $1 where bid = $2', [delta, bid]);
    await run('t5', 'insert into tpcb_history values ($1, $2, $3, $4, now())', [tid, bid, aid, delta]);
    await client.query('commit');
    return 1;
  } finally {
    client.release();
  }
}

/** pgbench's own figure, where it is installed. */
export function runPgbench(
  owner: string,
  seconds: number,
): { transfersPerSecond: number; latencyMs: number } | undefined {
  const url = new URL(owner);
  const env = {
    PATH: `${process.env['PATH'] ?? ''}:/usr/lib/postgresql/15/bin:/usr/lib/postgresql/17/bin`,
    PGPASSWORD: url.password,
  };
  const where = ['-h', url.hostname, '-p', url.port, '-U', url.username, url.pathname.slice(1)];
  const made = spawnSync('pgbench', ['-i', '-q', '-s', String(TPCB_SCALE), ...where], { env, encoding: 'utf8' });
  if (made.error !== undefined || made.status !== 0) return undefined;
  const ran = spawnSync('pgbench', ['-c', '32', '-j', '2', '-M', 'prepared', '-T', String(seconds), ...where], {
    env,
    encoding: 'utf8',
  });
  const tps = /tps = ([\d.]+)/.exec(ran.stdout)?.[1];
  const latency = /latency average = ([\d.]+)/.exec(ran.stdout)?.[1];
  return tps === undefined || latency === undefined
    ? undefined
    : { transfersPerSecond: Math.round(Number(tps)), latencyMs: Number(latency) };
}
