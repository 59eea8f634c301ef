import type { Endorsement } from './endorsement.ts';
import type { ConsistencyProof, LedgerReceipt, LoggedTransfer, SignedHead } from './receipt.ts';

/** What the wallet says of a movement in words. Not proven by anything. */
export type Told = {
  kind: string;
  direction: 'in' | 'out';
  account: string;
  counterparty: string;
  reference: string;
};

export type ReceiptDocument = LedgerReceipt & {
  wallet: string;
  told: Told;
  publicKey: string;
  /** Of receipts from before keys changed there are none. */
  endorsements: Endorsement[];
};

/** A file that somebody kept, by what it is. */
export type ProofDocument =
  | { kind: 'receipt'; receipt: ReceiptDocument }
  | { kind: 'keys'; publicKeys: string[] }
  | { kind: 'head'; head: SignedHead }
  | { kind: 'consistency'; proof: ConsistencyProof };

const HASH = /^[0-9a-f]{64}$/;
const NUMBER = /^[1-9][0-9]{0,18}$/;
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
const WORD = /^[a-z_]{1,32}$/;
const SIGNATURE = /^[0-9a-f]{128}$/;
const LONGEST_PATH = 64;
const MOST_ENDORSEMENTS = 1000;

/** Thrown inside only: a file that says it is one of ours and is not formed like it. */
class WrongForm extends Error {}

type Members = Readonly<Record<string, unknown>>;

function text(from: Members, name: string, form: RegExp = /^[^\n\0]{0,500}$/): string {
  const value = from[name];
  if (typeof value !== 'string' || !form.test(value)) throw new WrongForm(name);
  return value;
}

const textOrNull = (from: Members, name: string, form: RegExp): string | null =>
  from[name] === null ? null : text(from, name, form);

function whole(from: Members, name: string): number {
  const value = from[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new WrongForm(name);
  return value;
}

function members(from: Members, name: string): Members {
  const value = from[name];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new WrongForm(name);
  return value as Members;
}

function list(from: Members, name: string): unknown[] {
  const value = from[name];
  if (!Array.isArray(value)) throw new WrongForm(name);
  return value;
}

const pathOf = (from: Members): string[] => {
  const path = list(from, 'path');
  if (path.length > LONGEST_PATH) throw new WrongForm('path');
  return path.map((hash) => text({ hash }, 'hash', HASH));
};

const readHead = (from: Members): SignedHead => ({
  size: whole(from, 'size'),
  root: text(from, 'root', HASH),
  at: text(from, 'at', MOMENT),
  keyId: text(from, 'keyId'),
  signature: text(from, 'signature', SIGNATURE),
});

const readTransfer = (from: Members): LoggedTransfer => ({
  seq: text(from, 'seq', NUMBER),
  id: text(from, 'id', ID),
  kind: text(from, 'kind', WORD),
  debitAccountId: text(from, 'debitAccountId', NUMBER),
  creditAccountId: text(from, 'creditAccountId', NUMBER),
  amount: text(from, 'amount', NUMBER),
  ledger: whole(from, 'ledger'),
  code: whole(from, 'code'),
  pendingId: textOrNull(from, 'pendingId', ID),
  operationId: textOrNull(from, 'operationId', ID),
  at: text(from, 'at', MOMENT),
});

const readTold = (from: Members): Told => ({
  kind: text(from, 'kind', WORD),
  direction: text(from, 'direction', /^(in|out)$/) as Told['direction'],
  account: text(from, 'account', NUMBER),
  counterparty: text(from, 'counterparty'),
  reference: text(from, 'reference'),
});

const readEndorsement = (from: Members): Endorsement => ({
  publicKey: text(from, 'publicKey'),
  by: text(from, 'by'),
  at: text(from, 'at', MOMENT),
  signature: text(from, 'signature', SIGNATURE),
});

function readEndorsements(from: Members): Endorsement[] {
  const given = from['endorsements'] === undefined ? [] : list(from, 'endorsements');
  if (given.length > MOST_ENDORSEMENTS) throw new WrongForm('endorsements');
  return given.map((each) => readEndorsement(members({ each }, 'each')));
}

const readReceipt = (from: Members): ReceiptDocument => ({
  wallet: text(from, 'wallet'),
  told: readTold(members(from, 'told')),
  transfer: readTransfer(members(from, 'transfer')),
  leaf: text(from, 'leaf', HASH),
  path: pathOf(from),
  head: readHead(members(from, 'head')),
  publicKey: text(members(from, 'key'), 'publicKey'),
  endorsements: readEndorsements(from),
});

function readJson(from: Members): ProofDocument | undefined {
  switch (from['format']) {
    case 'purser-receipt-1':
      return { kind: 'receipt', receipt: readReceipt(from) };
    case 'purser-keys-1':
      return {
        kind: 'keys',
        publicKeys: list(from, 'keys').map((_, index) =>
          text(members({ ...list(from, 'keys') }, String(index)), 'publicKey'),
        ),
      };
    case 'purser-consistency-1': {
      const [older, newer] = [readHead(members(from, 'from')), readHead(members(from, 'to'))];
      return { kind: 'consistency', proof: { from: older, to: newer, path: pathOf(from) } };
    }
  }
  if ('signature' in from && 'root' in from) return { kind: 'head', head: readHead(from) };
  // A list of heads stands for its newest.
  const [newest] = Array.isArray(from['heads']) ? from['heads'] : [];
  return newest === undefined ? undefined : { kind: 'head', head: readHead(members({ newest }, 'newest')) };
}

/** Reads a file that somebody kept: a receipt, keys (also one in PEM), a head, a proof between heads. `undefined`: none of these, or a damaged one. */
export function readDocument(content: string): ProofDocument | undefined {
  const pem = /-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----/.exec(content)?.[1];
  if (pem !== undefined) return { kind: 'keys', publicKeys: [pem.replaceAll(/\s/g, '')] };
  try {
    return readJson(members({ content: JSON.parse(content) as unknown }, 'content'));
  } catch (error) {
    if (error instanceof WrongForm || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
