import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { withClient } from '../rooms/ledger/crash-story.ts';
import { createTestDatabase } from '../support/database.ts';

/** The tests of the ledger are tested: each of these faults, planted into a copy of the sources, must be found. */

const home = fileURLToPath(new URL('../..', import.meta.url));
type Change = { file: string; from: string; to: string };
type Answer = { code: number; said: string };

async function runOn(
  changes: readonly Change[],
  mode: 'programs' | 'two-writers',
  runs: number,
  tables = '',
): Promise<Answer> {
  const folder = await mkdtemp(join(tmpdir(), 'purser-planted-'));
  const database = await createTestDatabase();
  try {
    await withClient(database.ownerConnectionString, (client) => client.query(tables));
    for (const room of ['kernel', 'database', 'ledger'])
      await cp(join(home, 'src', room), join(folder, 'src', room), { recursive: true });
    await cp(join(home, 'package.json'), join(folder, 'package.json'));
    await symlink(join(home, 'node_modules'), join(folder, 'node_modules'));
    for (const { file, from, to } of changes) {
      const path = join(folder, 'src/ledger', file);
      const source = await readFile(path, 'utf8');
      expect(source.split(from), `${from} stands once in ${file}`).toHaveLength(2);
      await writeFile(
        path,
        source.replace(from, () => to),
      );
    }
    const program = join(home, 'test/rooms/ledger/model-run.ts');
    const args = [
      program,
      join(folder, 'src'),
      database.connectionString,
      database.ownerConnectionString,
      mode,
      String(runs),
    ];
    return await new Promise((resolve) => {
      execFile(process.execPath, args, { timeout: 210_000 }, (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, said: stdout + stderr });
      });
    });
  } finally {
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * How a difference of the books reads, whichever call meets it first: an answer, a total, a place, or a rule of the
 * tables that had to hold the writer back. A copy of the sources that does not run reads otherwise.
 */
const differs =
  /should be|should have|has place|is told at place|history|does not agree|a part of it is there|is older than|database refuses|had to recover: .* violates/;

/** What is planted, and where it stands. */
const faults: [string, Change, Change?][] = [
  [
    'an overdraft check off by one',
    { file: 'decide.ts', from: 'debits > debit.creditsPosted)', to: 'debits > debit.creditsPosted + 1n)' },
  ],
  [
    'what is held does not count',
    { file: 'decide.ts', from: 'debit.debitsPosted + debit.debitsPending + amount', to: 'debit.debitsPosted + amount' },
  ],
  [
    'credits above debits',
    { file: 'decide.ts', from: 'credits > credit.debitsPosted)', to: 'credits > credit.debitsPosted + 5n)' },
  ],
  [
    'a hold posted twice',
    {
      file: 'decide.ts',
      from: "if (hold.state === holdState.posted) return 'pending_transfer_already_posted';",
      to: '',
    },
  ],
  [
    'a hold posted after its time',
    {
      file: 'decide.ts',
      from: "if (hold.expiresAtMs !== undefined && hold.expiresAtMs <= page.atMs) return 'pending_transfer_expired';",
      to: '',
    },
  ],
  [
    'more posted than was held',
    { file: 'decide.ts', from: "if (amount > hold.amount) return 'exceeds_pending_transfer_amount';", to: '' },
  ],
  [
    'a chain half applied',
    {
      file: 'decide.ts',
      from: 'if (mark !== undefined) page.takeBack(mark);',
      to: 'if (mark !== undefined) page.keep();',
    },
  ],
  [
    'a hold of a failed chain stays ended',
    {
      file: 'page.ts',
      from: 'for (const { hold, ...before } of this.#holdMemos.toReversed()) Object.assign(hold, before);',
      to: '',
    },
  ],
  [
    'a freeze that is ignored',
    { file: 'decide.ts', from: "if (debit.flags & accountFlag.frozen) return 'debit_account_frozen';", to: '' },
  ],
  ['a movement that a history leaves out', { file: 'decide.ts', from: '    debit.lastSeq = row.seq;\n', to: '' }],
  [
    'a place of a history that a failed chain leaves behind',
    { file: 'page.ts', from: '...sums, seq, lastSeq });', to: '...sums, seq });' },
    { file: 'page.ts', from: "'counted' | 'seq' | 'lastSeq'\n", to: "'counted' | 'seq'\n" },
  ],
  [
    'a delta lost',
    {
      file: 'batch-statements.ts',
      from: '    run(update.many, ',
      to: '    if (accounts.length > 1) accounts.pop();\n    run(update.many, ',
    },
  ],
  [
    'a batch that does not wait for the one before',
    { file: 'batch-statements.ts', from: "if (fence.isBehind) run(waitForHead, [], 'SELECT', 1);", to: '' },
  ],
  [
    'two totals exchanged',
    {
      file: 'batch-statements.ts',
      from: 'int8Column(accounts, (each) => each.debitsPending),',
      to: 'int8Column(accounts, (each) => each.creditsPending),',
    },
  ],
  [
    'the same id with another amount taken for the same',
    { file: 'decide.ts', from: "if (row.amount !== asked.amount) return 'exists_with_different_amount';", to: '' },
  ],
  // Two nets catch it; one alone would still do.
  [
    'an id forgotten after a restart',
    { file: 'batch.ts', from: 'batch.doubtful.push({ call, chain: index });', to: '' },
    {
      file: 'load-books.ts',
      from: '(lookUp || transfer.id < floor || transfer.id >= ceiling || books.transfers.mayHold(transfer.id)) &&',
      to: 'lookUp &&',
    },
  ],
  [
    'a wrong order inside a batch',
    {
      file: 'batch.ts',
      from: 'for (const call of calls) {\n    if (call.kind',
      to: 'for (const call of calls.toReversed()) {\n    if (call.kind',
    },
  ],
  [
    'a refusal not shared with those who asked at the same time',
    { file: 'decide.ts', from: 'refusals.reasonFor(transfer, callNo)', to: 'undefined' },
  ],
  [
    'a refusal shared for ever',
    { file: 'shared-refusals.ts', from: 'callNo >= refused.until', to: 'callNo < 0' },
    { file: 'shared-refusals.ts', from: 'this.#refused.delete(id);\n      done += 1;', to: 'done += 1;' },
  ],
  [
    'memory of batches under way given up',
    { file: 'two-generations.ts', from: 'value.batch > answeredBatch', to: 'false' },
  ],
  [
    'a forgotten hold taken for no hold',
    { file: 'load-books.ts', from: 'missing.holds.add(transfer.pendingId);', to: '' },
  ],
  [
    'a closed account that still moves',
    {
      file: 'decide.ts',
      from: "if (debit.flags & accountFlag.closed) return 'debit_account_closed';\n  if (credit.flags & accountFlag.closed) return 'credit_account_closed';\n  if (debit",
      to: 'if (debit',
    },
  ],
  ['a call that comes too late and is carried out', { file: 'batch.ts', from: 'call.before <= now.at', to: 'false' }],
  ['time that runs back', { file: 'page.ts', from: 'Math.max(now.getTime(), books.lastAtMs)', to: 'now.getTime()' }],
  [
    'a counter off by one',
    {
      file: 'decide.ts',
      from: 'debit.counted[counter] + amount > upTo',
      to: 'debit.counted[counter] + amount >= upTo',
    },
  ],
  [
    'a counter that goes one too far',
    {
      file: 'decide.ts',
      from: 'debit.counted[counter] + amount > upTo',
      to: 'debit.counted[counter] + amount > upTo + 1n',
    },
  ],
  [
    'a limit of which only the first counter is held to it',
    { file: 'decide.ts', from: 'counts?.some(', to: 'counts?.slice(0, 1).some(' },
  ],
  [
    'a counter looked at after the balance',
    {
      file: 'decide.ts',
      from: "  if (counts?.some(({ counter, upTo }) => debit.counted[counter] + amount > upTo)) return 'exceeds_counter';\n",
      to: '',
    },
    {
      file: 'decide.ts',
      from: '  page.change(debit);\n  page.change(credit);\n  let',
      to: "  if (counts?.some(({ counter, upTo }) => debit.counted[counter] + amount > upTo)) return 'exceeds_counter';\n  page.change(debit);\n  page.change(credit);\n  let",
    },
  ],
  [
    'the counter of the wrong side',
    { file: 'decide.ts', from: 'counters = count(page, debit, ', to: 'counters = count(page, credit, ' },
  ],
  [
    'a movement that names one of its two counters',
    { file: 'decide.ts', from: 'bits |= counterBit(counter);', to: 'bits = counterBit(counter);' },
  ],
  [
    'a counter that a failed chain leaves behind',
    { file: 'page.ts', from: 'debitsPending, creditsPending, counted };', to: 'debitsPending, creditsPending };' },
    { file: 'page.ts', from: "'counted' | 'seq' | 'lastSeq'\n", to: "'seq' | 'lastSeq'\n" },
  ],
  ['counters that are counted and not written', { file: 'decide.ts', from: '  page.counts = true;\n', to: '' }],
  [
    'counters exchanged where several accounts are written',
    {
      file: 'batch-statements.ts',
      from: '(each) => each.counted[counter])',
      to: '(each) => each.counted[1 - counter])',
    },
  ],
  [
    'counters exchanged where a movement is written alone',
    {
      file: 'batch-statements.ts',
      from: 'each.counted.map(wire.bigInt8)',
      to: 'each.counted.toReversed().map(wire.bigInt8)',
    },
  ],
  [
    'counters forgotten where an account is read',
    { file: 'stored-rows.ts', from: 'counted: [row.counter_0, row.counter_1]', to: 'counted: [0n, 0n]' },
  ],
  [
    'a movement read as one that was not counted',
    { file: 'stored-rows.ts', from: 'counters: row.counters,', to: 'counters: 0,' },
  ],
  [
    'a refusal for a counter shared with whoever may go farther',
    {
      file: 'shared-refusals.ts',
      from: "refused.reason === 'exceeds_counter' && !isCountedAlike(refused.transfer, transfer)",
      to: 'false',
    },
  ],
  [
    'a refusal for a counter shared with nobody',
    {
      file: 'shared-refusals.ts',
      from: "refused.reason === 'exceeds_counter' && !isCountedAlike(refused.transfer, transfer)",
      to: "refused.reason === 'exceeds_counter'",
    },
  ],
  [
    'a refusal forgotten for another one of the same moment',
    {
      file: 'shared-refusals.ts',
      from: 'callNo < known.until) return;',
      to: 'known.until === Number.POSITIVE_INFINITY) return;',
    },
  ],
  [
    'a refusal told to others that nobody heard',
    { file: 'writer.ts', from: 'if (overturned.length === 0) return;', to: 'return;' },
  ],
];

test('unchanged sources show no difference', async () => {
  expect(await runOn([], 'programs', 40)).toMatchObject({ code: 0 });
});

test.concurrent.each(faults)('%s is found', async (_, change, second) => {
  const { code, said } = await runOn(second === undefined ? [change] : [change, second], 'programs', 400);
  expect(said).toMatch(/^difference:/);
  expect(said).toMatch(differs);
  expect(code).toBe(1);
});

/** As if the lock were worth nothing: both processes believe that they lead. */
const withoutLock: Change = {
  file: 'leadership.ts',
  from: 'return rows[0]?.got === true;',
  to: 'return rows.length === 1;',
};

test('two writers at once are told apart by the fence alone', async () => {
  expect(await runOn([withoutLock], 'two-writers', 0)).toMatchObject({ code: 0 });
});

test('two writers unfenced are found', async () => {
  const unfenced: Change[] = [
    withoutLock,
    {
      file: 'batch-statements.ts',
      from: 'case when seq = $1 and epoch = $2 then $3 else -1 end',
      to: '$3 + 0 * ($1 + $2)',
    },
    { file: 'batch-statements.ts', from: 'case when a.seq = v.seq_before then v.seq else -1 end', to: 'v.seq' },
    // Nor does one end the other's connections.
    { file: 'leadership.ts', from: 'if (pids.length === 0) return;', to: 'if (pids.length >= 0) return;' },
  ];
  const tables = 'alter table ledger_transfer drop constraint chains_lead_back';
  expect((await runOn(unfenced, 'two-writers', 0, tables)).said).toContain('difference:');
});
