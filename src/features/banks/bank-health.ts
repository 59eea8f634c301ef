import { sql } from 'kysely';
import { minuteMs, type Clock } from '../../kernel/clock.ts';
import type { Failure } from '../../kernel/failure.ts';
import { refusal } from '../../causes/refusal.ts';
import type { Database } from '../../database/database.ts';
import type { BankRail } from '../../ports/bank-rail.ts';
import { bankNameOf } from '../../policy/banks.ts';

export type BankHealth = {
  bankCode: string;
  state: 'up' | 'slow' | 'down' | 'maintenance';
  until: Date | null;
  checkedAt: Date;
};

type Row = { bank_code: string; state: BankHealth['state']; until: Date | null; checked_at: Date };

/** The last known state of each bank. */
export async function readBankHealth(deps: { database: Database }): Promise<BankHealth[]> {
  const found = await sql<Row>`select * from bank_health order by bank_code`.execute(deps.database.kysely);
  return found.rows.map((row) => ({
    bankCode: row.bank_code,
    state: row.state,
    until: row.until,
    checkedAt: row.checked_at,
  }));
}

/** Asks each bank how it is and remembers the answer. */
export async function checkBanks(
  deps: { database: Database; clock: Clock; rail: BankRail },
  bankCodes: readonly string[],
): Promise<void> {
  await Promise.all(
    bankCodes.map(async (bankCode) => {
      const status = await deps.rail.status(bankCode);
      await sql`
        insert into bank_health (bank_code, state, until, checked_at)
        values (${bankCode}, ${status.state}, ${status.until ?? null}, ${deps.clock.now()})
        on conflict (bank_code) do update set state = excluded.state, until = excluded.until, checked_at = excluded.checked_at`.execute(
        deps.database.kysely,
      );
    }),
  );
}

/**
 * The cause that a bank's state gives before anything is asked. Maintenance is announced and believed until its end; a
 * bank that seemed down is asked once more, since it may be back.
 */
export async function bankObstacle(
  deps: { database: Database; clock: Clock; rail: BankRail },
  bankCode: string,
): Promise<Failure | undefined> {
  const health = (await readBankHealth(deps)).find((bank) => bank.bankCode === bankCode);
  if (!health || health.state === 'up' || health.state === 'slow') return undefined;
  const now = deps.clock.now();
  const fresh = health.checkedAt.getTime() > now.getTime() - minuteMs;
  if (health.state === 'maintenance' && health.until && health.until > now && fresh) {
    return refusal('bank.maintenance', {
      params: { bank: bankNameOf(bankCode), until: health.until },
      retryAt: health.until,
    });
  }
  const status = await deps.rail.status(bankCode);
  await sql`
    update bank_health set state = ${status.state}, until = ${status.until ?? null}, checked_at = ${now}
    where bank_code = ${bankCode}`.execute(deps.database.kysely);
  if (status.state === 'maintenance' && status.until) {
    return refusal('bank.maintenance', {
      params: { bank: bankNameOf(bankCode), until: status.until },
      retryAt: status.until,
    });
  }
  return status.state === 'down' ? refusal('bank.unreachable', { params: { bank: bankNameOf(bankCode) } }) : undefined;
}
