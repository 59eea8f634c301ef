import { readFile } from 'node:fs/promises';
import type { Config } from '../config.ts';
import { CannotStart, reasonOf } from '../database/cannot-start.ts';
import { connectDatabase } from '../database/database.ts';
import { checkLedger } from '../ledger/check-ledger.ts';
import { checkLog } from '../ledger/proof/check-log.ts';
import { publishedVerifier } from '../ledger/proof/ledger-log.ts';
import { readDocument } from '../proof/read-document.ts';
import type { SignedHead } from '../proof/receipt.ts';
import { openDatabaseBeside } from './open-database.ts';
import type { Say } from './say.ts';

/**
 * Recomputes the whole book from its transfers and holds it against every head that was signed, and against those that
 * `--head` names; says what is wrong first and ends with exit code 1 when something is.
 */
export async function checkBooks(config: Config, say: Say, words: readonly string[]): Promise<void> {
  const kept = await readHeads(words);
  const opened = await openDatabaseBeside(config, say);
  const database = connectDatabase({ connectionString: opened.connectionString, applicationRole: true, max: 1 });
  try {
    const connection = await database.pool.connect();
    try {
      const checked = await checkLedger(connection);
      const log = await checkLog(connection, await publishedVerifier(connection), kept);
      if (checked.ok) say(`The books are right: ${checked.transfers} transfers on ${checked.accounts} accounts`);
      else say(`The books are wrong: ${checked.problem}`);
      if (log.ok) say(`They are what was signed: ${log.heads} heads${kept.length > 0 ? ', yours among them' : ''}`);
      else say(`They are not what was signed: ${log.problem}`);
      if (!(checked.ok && log.ok)) process.exitCode = 1;
    } finally {
      connection.release();
    }
  } finally {
    await database.close();
    await opened.stop();
  }
}

/** Heads that somebody kept outside; an old receipt holds one too. */
async function readHeads(words: readonly string[]): Promise<SignedHead[]> {
  const heads: SignedHead[] = [];
  for (let index = 0; index < words.length; index += 2) {
    const path = words[index + 1];
    if (words[index] !== '--head' || path === undefined) throw new CannotStart('Use: check-ledger [--head file]');
    const content = await readFile(path, 'utf8').catch((error: unknown) => {
      throw new CannotStart(`${path} cannot be read (${reasonOf(error)}).`);
    });
    const document = readDocument(content);
    if (document?.kind === 'head') heads.push(document.head);
    else if (document?.kind === 'receipt') heads.push(document.receipt.head);
    else throw new CannotStart(`${path} is damaged, or is neither a head nor a receipt.`);
  }
  return heads;
}
