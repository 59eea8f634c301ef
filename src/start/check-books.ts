import type { Config } from '../config.ts';
import { connectDatabase } from '../database/database.ts';
import { checkLedger } from '../ledger/check-ledger.ts';
import { openDatabase } from './open-database.ts';
import type { Say } from './say.ts';

/** Recomputes the whole book from its transfers; names the first wrong row and ends with exit code 1 when there is one. */
export async function checkBooks(config: Config, say: Say): Promise<void> {
  const opened = await openDatabase(config, say);
  const database = connectDatabase({ connectionString: opened.connectionString, applicationRole: true, max: 1 });
  try {
    const connection = await database.pool.connect();
    const checked = await checkLedger(connection).finally(() => connection.release());
    if (checked.ok) {
      say(`The books are right: ${checked.transfers} transfers on ${checked.accounts} accounts`);
    } else {
      process.exitCode = 1;
      say(`The books are wrong: ${checked.problem}`);
    }
  } finally {
    await database.close();
    await opened.stop();
  }
}
