import { hashLeaf, verifyConsistency, verifyInclusion, type AnySha256, type Hash } from './merkle.ts';

/** What an account's owner can keep and check without trusting the server. Plain JSON; imports nothing of a server's. */

/** A transfer as the log holds it. Balances are left out: a receipt must not tell the other side's. */
export type LoggedTransfer = {
  seq: string;
  id: string;
  kind: string;
  debitAccountId: string;
  creditAccountId: string;
  amount: string;
  ledger: number;
  code: number;
  pendingId: string | null;
  operationId: string | null;
  at: string;
};

export type SignedHead = { size: number; root: string; at: string; keyId: string; signature: string };

/** `leaf` is the hash of the entry: it proves nothing, but tells a changed entry from a changed path. */
export type LedgerReceipt = { transfer: LoggedTransfer; leaf: string; path: string[]; head: SignedHead };

export type ConsistencyProof = { from: SignedHead; to: SignedHead; path: string[] };

/** A public key with which heads are signed: SPKI in base64. Its id follows from it. */
export type PublishedKey = { keyId: string; algorithm: 'Ed25519'; publicKey: string; firstUsedAt: string | null };

/** Checks an Ed25519 signature over the message, with the key that has this id. */
export type VerifySignature = (keyId: string, message: Uint8Array, signature: Uint8Array) => boolean | Promise<boolean>;

export type Verdict = { ok: true } | { ok: false; problem: 'malformed' | 'signature' | 'entry' | 'path' };

/** The bytes of a leaf: the fields in this order, one to a line. None of them can hold a line break. */
export const leafContent = (transfer: LoggedTransfer): Uint8Array =>
  new TextEncoder().encode(
    [
      'purser-transfer-1',
      transfer.seq,
      transfer.id,
      transfer.kind,
      transfer.debitAccountId,
      transfer.creditAccountId,
      transfer.amount,
      transfer.ledger,
      transfer.code,
      transfer.pendingId ?? '',
      transfer.operationId ?? '',
      transfer.at,
    ].join('\n'),
  );

/** The bytes that a head's signature covers. */
export const headMessage = (head: Pick<SignedHead, 'size' | 'root' | 'at'>): Uint8Array =>
  new TextEncoder().encode(['purser-ledger-head-1', head.size, head.root, head.at].join('\n'));

export const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

export function fromHex(text: string): Uint8Array | undefined {
  if (!/^([0-9a-f]{2})*$/.test(text)) return undefined;
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function hashesOf(texts: readonly string[]): Hash[] | undefined {
  const hashes = texts.map(fromHex);
  return hashes.every((hash) => hash?.length === 32) ? (hashes as Hash[]) : undefined;
}

export async function isSigned(head: SignedHead, verify: VerifySignature): Promise<boolean> {
  const signature = fromHex(head.signature);
  return signature !== undefined && (await verify(head.keyId, headMessage(head), signature));
}

/** Whether this very transfer stands at its place in the log that the head signs. */
export async function verifyReceipt(
  receipt: LedgerReceipt,
  sha256: AnySha256,
  verify: VerifySignature,
): Promise<Verdict> {
  const path = hashesOf(receipt.path);
  const [root] = hashesOf([receipt.head.root]) ?? [];
  const fields = Object.values(receipt.transfer);
  if (path === undefined || root === undefined || fields.some((each) => String(each).includes('\n'))) {
    return { ok: false, problem: 'malformed' };
  }
  if (!(await isSigned(receipt.head, verify))) return { ok: false, problem: 'signature' };
  const leaf = await hashLeaf(sha256, leafContent(receipt.transfer));
  if (toHex(leaf) !== receipt.leaf) return { ok: false, problem: 'entry' };
  const index = Number(receipt.transfer.seq) - 1;
  const leads = await verifyInclusion(sha256, { leaf, index, size: receipt.head.size, path, root });
  return leads ? { ok: true } : { ok: false, problem: 'path' };
}

/** Whether the log that the newer head signs begins with the log that the older one signed. */
export async function verifyHeads(
  proof: ConsistencyProof,
  sha256: AnySha256,
  verify: VerifySignature,
): Promise<Verdict> {
  const path = hashesOf(proof.path);
  const [fromRoot, toRoot] = hashesOf([proof.from.root, proof.to.root]) ?? [];
  if (path === undefined || fromRoot === undefined || toRoot === undefined) return { ok: false, problem: 'malformed' };
  if (!(await isSigned(proof.from, verify)) || !(await isSigned(proof.to, verify)))
    return { ok: false, problem: 'signature' };
  const isBeginning = await verifyConsistency(sha256, {
    from: proof.from.size,
    to: proof.to.size,
    path,
    fromRoot,
    toRoot,
  });
  return isBeginning ? { ok: true } : { ok: false, problem: 'path' };
}
