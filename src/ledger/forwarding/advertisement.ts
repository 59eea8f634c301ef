import type { Reader } from '../stored-rows.ts';

/** Where the process that writes can be reached by the others, and by what secret they know each other. */
export type Advertisement = { epoch: number; host: string; port: number; secret: Buffer };

/** Tells the others. One whose epoch is over, and who does not know it yet, changes nothing. */
export async function advertise(reader: Reader, mine: Advertisement): Promise<void> {
  await reader.query(
    `insert into ledger_writer as w (shard, epoch, host, port, secret) values (0, $1, $2, $3, $4)
     on conflict (shard) do update
       set epoch = excluded.epoch, host = excluded.host, port = excluded.port, secret = excluded.secret
       where w.epoch <= excluded.epoch`,
    [mine.epoch, mine.host, mine.port, mine.secret],
  );
}

/** The writer of the present epoch; `undefined` while it has not told yet where it is. */
export async function readAdvertisement(reader: Reader): Promise<Advertisement | undefined> {
  const { rows } = await reader.query<Omit<Advertisement, 'epoch'> & { epoch: bigint }>(
    `select w.epoch, w.host, w.port, w.secret from ledger_writer w join ledger_head h using (shard, epoch)
      where w.shard = 0`,
  );
  const row = rows[0];
  return row === undefined ? undefined : { ...row, epoch: Number(row.epoch) };
}
