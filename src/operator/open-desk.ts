import type { Config } from '../config.ts';
import { connectDatabase, type Database } from '../database/database.ts';
import { systemClock, type Clock } from '../kernel/clock.ts';
import { createDigest, createEnvelope, type Digest, type Envelope } from '../kernel/envelope.ts';
import { systemRandom, type Random } from '../kernel/random.ts';
import { readSecrets } from '../secrets.ts';
import { openDatabaseBeside } from '../start/open-database.ts';

/** What an operator's commands work on: the database alone. What they decide is carried out by the wallet. */
export type Desk = { database: Database; clock: Clock; random: Random; digest: Digest; envelope: Envelope };

/**
 * Runs `work` on the database of this configuration, beside a wallet that runs or without one. With other secrets than the
 * wallet's, what is made here would never be known there, so that none are made up.
 */
export async function atDesk<T>(config: Config, work: (desk: Desk) => Promise<T>) {
  const opened = await openDatabaseBeside(config, () => undefined);
  const database = connectDatabase({ connectionString: opened.connectionString, applicationRole: true, max: 2 });
  try {
    const { digestKey, masterKeys } = await readSecrets(config, undefined);
    return await work({
      database,
      clock: systemClock,
      random: systemRandom,
      digest: createDigest({ key: digestKey }),
      envelope: createEnvelope({ masterKeys, random: systemRandom }),
    });
  } finally {
    await database.close();
    await opened.stop();
  }
}
