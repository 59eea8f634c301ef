import { sql } from 'kysely';
import type { Clock } from '../../kernel/clock.ts';
import type { Failure } from '../../kernel/failure.ts';
import { refusal } from '../../causes/refusal.ts';
import type { Database } from '../../database/database.ts';
import type { BankRail, BankStatus } from '../../ports/bank-rail.ts';
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

type Dependencies = { database: Database; clock: Clock; rail: BankRail };

/** Remembers how a bank is, as it was asked or as its answer to something else says. */
export async function noteBankHealth(
  { database, clock }: Pick<Dependencies, 'database' | 'clock'>,
  { bankCode, state, until }: Pick<BankHealth, 'bankCode' | 'state' | 'until'>,
): Promise<void> {
  await sql`
    insert into bank_health (bank_code, state, until, checked_at)
    values (${bankCode}, ${state}, ${until}, ${clock.now()})
    on conflict (bank_code) do update set state = excluded.state, until = excluded.until, checked_at = excluded.checked_at`.execute(
    database.kysely,
  );
}

/** Asks each bank how it is and remembers the answer. */
export async function checkBanks(deps: Dependencies, bankCodes: readonly string[]): Promise<void> {
  await Promise.all(bankCodes.map((bankCode) => checkBank(deps, bankCode)));
}

async function checkBank(deps: Dependencies, bankCode: string): Promise<BankStatus> {
  const status = await deps.rail.status(bankCode);
  await noteBankHealth(deps, { bankCode, state: status.state, until: status.until ?? null });
  return status;
}

/**
 * The cause that a bank's state gives before anything is asked. One that was in trouble is asked once more, since it may
 * be back; an announced maintenance is believed until its end also of a bank that says nothing meanwhile.
 */
export async function bankObstacle(deps: Dependencies, bankCode: string): Promise<Failure | undefined> {
  const health = (await readBankHealth(deps)).find((bank) => bank.bankCode === bankCode);
  if (!health || health.state === 'up' || health.state === 'slow') return undefined;
  const announced = health.state === 'maintenance' && health.until && health.until > deps.clock.now();
  const { state, until } = await checkBank(deps, bankCode);
  const bank = bankNameOf(bankCode);
  const end = (state === 'maintenance' && until) || (state === 'down' && announced && health.until);
  if (end) return refusal('bank.maintenance', { params: { bank, until: end }, retryAt: end });
  return state === 'down' ? refusal('bank.unreachable', { params: { bank } }) : undefined;
}
