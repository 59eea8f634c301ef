import { sql } from 'kysely';
import { assert } from '../../kernel/assert.ts';
import type { Clock } from '../../kernel/clock.ts';
import { deriveId, uuid, type Uuid } from '../../kernel/ids.ts';
import { add, isPositive } from '../../kernel/money.ts';
import { refusal } from '../../causes/refusal.ts';
import type { Database } from '../../database/database.ts';
import type { Pin } from '../../kernel/masked.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { readHoldings } from '../books/read-account.ts';
import type { SecurityDoor } from '../security/security-door.ts';
import { accountObstacle, loadPerson } from './person.ts';
import { changeAccount } from './change-account.ts';
import { recordMessage } from './tell-person.ts';

export type CloseDependencies = { database: Database; ledger: Ledger; clock: Clock; security: SecurityDoor };

/**
 * Closes one's own wallet, for good, once it is empty and nothing of it is on its way; asked again it stays closed. What
 * comes in this very moment is left in it, and people pay it out. Causes: those of the account,
 * `operation.previous_unsettled`, `account.balance_left`, those of the PIN.
 */
export async function closeOwn(deps: CloseDependencies, personId: Uuid, { pin }: { pin: Pin }): Promise<void> {
  const person = await loadPerson(deps.database.kysely, personId);
  if (person.accountState === 'closed') return;
  const obstacle = accountObstacle(person);
  if (obstacle) throw obstacle;
  await refuseUnsettled(deps.database, personId);
  const { available, held } = await readHoldings(deps.ledger, person.balanceAccount);
  const balance = add(available, held);
  if (isPositive(balance)) throw refusal('account.balance_left', { params: { available: balance } });
  await deps.security.checkPin({ personId, pin });
  const closed = await changeAccount(deps, personId, {
    ...{ stop: { state: 'closed', cause: 'account.closed', reviewAt: null }, by: 'owner' },
    when: ({ state }) => state === 'normal',
    async also(tx, { after }) {
      const [stop] = after.stops;
      assert(stop, 'what is closed is stopped');
      const told = { id: deriveId(stop.id, 'told'), personId, now: deps.clock.now() };
      await recordMessage(tx, { ...told, template: 'account_closed' });
    },
  });
  if (closed) return;
  // By another device, or stopped by somebody in this very moment.
  const now = await loadPerson(deps.database.kysely, personId);
  const stop = now.accountState === 'closed' ? undefined : accountObstacle(now);
  if (stop) throw stop;
}

/** Money whose outcome is not known yet may still come, or go. */
async function refuseUnsettled(database: Database, personId: Uuid): Promise<void> {
  const found = await sql<{ id: string; key: string; deadline_at: Date }>`
    select id, key, deadline_at from operation
    where owner_id = ${personId} and ended_at is null and amount_minor is not null and state <> 'needs_you'
    order by created_at limit 1`.execute(database.kysely);
  const [open] = found.rows;
  if (!open) return;
  throw refusal('operation.previous_unsettled', {
    params: { until: open.deadline_at },
    retryAt: open.deadline_at,
  }).within({ operationId: uuid(open.id), key: uuid(open.key) });
}
