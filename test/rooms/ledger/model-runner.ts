import type { Uuid } from '../../../src/kernel/ids.ts';
import type { AccountId, Ledger, NewTransfer, TransferOutcome } from '../../../src/ledger/ledger.ts';
import { ACCOUNTS, type ModelStep, type ModelTransfer } from './model-program.ts';
import { PlainModel } from './plain-model.ts';

/** A ledger that can be closed and opened again, and its clock. */
export type Subject = { ledger: Ledger; reopen(): Promise<void>; now(): Date; advance(ms: number): void };

/** Runs one program against the ledger and the model; answers with the first difference. */
export async function runProgram(
  subject: Subject,
  program: readonly ModelStep[],
  run: number,
): Promise<string | undefined> {
  const model = new PlainModel();
  const accountId = (index: number) => BigInt(run * 10 + index + 1) as AccountId;
  // What earlier programs left must not be counted with this one's.
  subject.advance(1_000);
  await subject.ledger.expireHolds(1_000_000);
  const startMs = subject.now().getTime();
  // Some ids look as if they were made long ago, some now, some in the far future.
  const id = (index: number): Uuid => {
    const time = [0x0100_0000_0000, startMs, 0x0f00_0000_0000][index % 3]!;
    const hex = `${time.toString(16).padStart(12, '0')}7${'abc'[index % 3]}01${'8'}${run.toString(16).padStart(7, '0')}${index.toString(16).padStart(8, '0')}`;
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}` as Uuid;
  };
  const real = (each: ModelTransfer): NewTransfer => {
    const base = { id: id(each.id), code: each.code, ...(each.operation === 0 ? {} : { operationId: id(10_000) }) };
    if (each.kind === 'void_pending') return { ...base, kind: each.kind, pendingId: id(each.pending) };
    if (each.kind === 'post_pending') {
      return {
        ...base,
        kind: each.kind,
        pendingId: id(each.pending),
        ...(each.whole ? {} : { amount: BigInt(each.amount) }),
      };
    }
    const expires =
      each.kind === 'pending' && each.expires > 0
        ? { expiresAt: new Date(subject.now().getTime() + each.expires) }
        : {};
    return {
      ...base,
      kind: each.kind,
      debitAccountId: accountId(each.from),
      creditAccountId: accountId(each.to),
      amount: BigInt(each.amount),
      ...expires,
    };
  };
  for (const [index, account] of ACCOUNTS.entries()) {
    model.addAccount(accountId(index), account.ledger, account.debits, account.credits);
    const flags = { debitsMustNotExceedCredits: account.debits, creditsMustNotExceedDebits: account.credits };
    await subject.ledger.createAccounts([{ id: accountId(index), ledger: account.ledger, code: index, flags }]);
  }
  for (const [number, step] of program.entries()) {
    const difference = await runStep(subject, model, step, real, accountId);
    if (difference !== undefined) return `step ${number}: ${difference}`;
  }
  return compareAccounts(subject.ledger, model);
}

async function runStep(
  subject: Subject,
  model: PlainModel,
  step: ModelStep,
  real: (each: ModelTransfer) => NewTransfer,
  accountId: (index: number) => AccountId,
): Promise<string | undefined> {
  model.now = subject.now().getTime();
  switch (step.step) {
    case 'together': {
      const calls = step.calls.map((chains) => chains.map((chain) => chain.map(real)));
      const answers = await Promise.all(calls.map((chains) => subject.ledger.post(chains)));
      return firstDifference(
        answers.map((chains) => chains.map((chain) => chain.map(word))),
        model.together(calls),
        calls,
      );
    }
    case 'state': {
      const { frozen, closed } = step;
      await subject.ledger.setAccountState(accountId(step.account), { frozen, closed });
      Object.assign(model.accounts.get(accountId(step.account))!, { frozen, closed });
      return undefined;
    }
    case 'time':
      subject.advance(step.ms);
      return undefined;
    case 'expire': {
      const [ours, theirs] = [await subject.ledger.expireHolds(1_000), model.expireHolds()];
      return ours === theirs ? undefined : `${ours} holds expired, ${theirs} should have`;
    }
    case 'restart':
      await subject.reopen();
      return undefined;
  }
}

const word = (each: TransferOutcome): string => (each.outcome === 'refused' ? each.reason : each.outcome);

function firstDifference(ours: string[][][], theirs: string[][][], calls: NewTransfer[][][]): string | undefined {
  for (const [i, chains] of theirs.entries()) {
    for (const [j, chain] of chains.entries()) {
      if (JSON.stringify(ours[i]?.[j]) === JSON.stringify(chain)) continue;
      return `call ${i} chain ${j}: answered ${JSON.stringify(ours[i]?.[j])}, should be ${JSON.stringify(chain)}: ${JSON.stringify(calls[i]?.[j], (_, value) => (typeof value === 'bigint' ? String(value) : value))}`;
    }
  }
  return undefined;
}

async function compareAccounts(ledger: Ledger, model: PlainModel): Promise<string | undefined> {
  const accounts = await ledger.accounts([...model.accounts.keys()] as AccountId[]);
  for (const [id, theirs] of model.accounts) {
    const ours = accounts.get(id as AccountId)!;
    const a = [ours.debitsPosted, ours.creditsPosted, ours.debitsPending, ours.creditsPending].join('/');
    const b = [theirs.dp, theirs.cp, theirs.dh, theirs.ch].join('/');
    if (a !== b) return `account ${id} has ${a}, should have ${b}`;
  }
  return undefined;
}
