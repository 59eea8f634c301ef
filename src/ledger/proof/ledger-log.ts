import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { secondMs, systemClock, type Clock } from '../../kernel/clock.ts';
import type { Uuid } from '../../kernel/ids.ts';
import type { Transfer } from '../ledger.ts';
import { toTransfer } from '../read-ledger.ts';
import { readTransfers, toTransferRow, type Reader, type TransferColumns } from '../stored-rows.ts';
import {
  consistencyPath,
  hashLeaf,
  hashNode,
  inclusionPath,
  treeRoot,
  type Hash,
  type NodeSource,
  type Sha256,
} from '../../proof/merkle.ts';
import { headMessage, leafContent, toHex } from '../../proof/receipt.ts';
import type {
  ConsistencyProof,
  LedgerReceipt,
  LoggedTransfer,
  PublishedKey,
  SignedHead,
  VerifySignature,
} from '../../proof/receipt.ts';

/** The Merkle log over the transfers in the order of seq: leaf k is transfer k + 1. Made beside the writer, never before it. */

export const GROUP_LEVEL = 8;
export const GROUP = 2 ** GROUP_LEVEL;
/** Groups hashed by one reading: few, so that whoever writes in the same process is not kept waiting. */
export const GROUPS_AT_ONCE = 8;
/** Heads made because somebody asked for a receipt: one in so long a time, however many ask. */
const ON_DEMAND_MS = secondMs;

export const nodeSha256: Sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
};

const spkiOf = (publicKey: KeyObject): Buffer => publicKey.export({ type: 'spki', format: 'der' });

const keyIdOf = (publicKey: KeyObject): string =>
  createHash('sha256').update(spkiOf(publicKey)).digest('hex').slice(0, 16);

/** Checks heads with known public keys (Ed25519). */
export function signatureVerifier(publicKeys: readonly KeyObject[]): VerifySignature {
  const keys = new Map(publicKeys.map((key) => [keyIdOf(key), key]));
  return (keyId, message, signature) => {
    const key = keys.get(keyId);
    return key !== undefined && verify(null, message, key, signature);
  };
}

export type LedgerLog = {
  /** Signs the log as it stands now; the newest head again when nothing was added, `undefined` while it is empty. */
  sealHead(): Promise<SignedHead | undefined>;
  latestHead(): Promise<SignedHead | undefined>;
  /** The newest first. */
  heads(page: { beforeSize?: number; limit: number }): Promise<SignedHead[]>;
  /** What the owner of a transfer may keep; `undefined` until a head covers it. */
  receipt(transferId: Uuid): Promise<LedgerReceipt | undefined>;
  /** The same, with a head made now where none covers it yet; `undefined` for a transfer that is not there. */
  receiptNow(transferId: Uuid): Promise<LedgerReceipt | undefined>;
  /** That the log of one head begins with the log of another; `undefined` when a head of that size was never signed. */
  consistency(fromSize: number, toSize: number): Promise<ConsistencyProof | undefined>;
  /** Every public key that a head was signed with, and the one in use, the newest first. */
  keys(): Promise<PublishedKey[]>;
};

export type HeadColumns = { size: bigint; root: Buffer; signed_at: Date; key_id: string; signature: Buffer };

export const toHead = (row: HeadColumns): SignedHead => ({
  size: Number(row.size),
  root: toHex(row.root),
  at: row.signed_at.toISOString(),
  keyId: row.key_id,
  signature: toHex(row.signature),
});

/** A transfer as its leaf in the log has it. */
export const toLogged = (transfer: Transfer): LoggedTransfer => ({
  seq: String(transfer.seq),
  id: transfer.id,
  kind: transfer.kind,
  debitAccountId: String(transfer.debitAccountId),
  creditAccountId: String(transfer.creditAccountId),
  amount: String(transfer.amount),
  ledger: transfer.ledger,
  code: transfer.code,
  pendingId: transfer.pendingId ?? null,
  operationId: transfer.operationId ?? null,
  at: transfer.at.toISOString(),
});

export type LedgerLogDeps = {
  reader: Reader;
  clock: Clock;
  signingKey: KeyObject;
  /** Real time, for how often heads are made on demand. */
  pace?: Clock;
};

/** Any number of processes may seal and read: whatever two of them write at once is the same, or stands side by side. */
export function openLedgerLog(deps: LedgerLogDeps): LedgerLog {
  const { reader } = deps;
  const headWhere = async (condition: string, values: readonly unknown[]) => {
    const { rows } = await reader.query<HeadColumns>(`select * from ledger_signed_head ${condition}`, [...values]);
    return rows[0] && toHead(rows[0]);
  };
  const latestHead = () => headWhere('order by size desc limit 1', []);
  const sealHead = createSealer(deps, { latestHead, headOf: (size) => headWhere('where size = $1', [size]) });
  const sealSoon = createTurns(sealHead, deps.pace ?? systemClock);
  const receipt = async (transferId: Uuid) => {
    const row = (await readTransfers(reader, [transferId]))[0];
    const head = row && (await headWhere('where size >= $1 order by size limit 1', [row.seq]));
    if (row === undefined || head === undefined) return undefined;
    const path = await inclusionPath(nodeSha256, storedNodes(reader, head.size), row.seq - 1, head.size);
    const transfer = toLogged(toTransfer(row));
    const leaf = toHex(hashLeaf(nodeSha256, leafContent(transfer)));
    return { transfer, leaf, path: path.map(toHex), head };
  };
  return {
    sealHead,
    latestHead,
    heads: async ({ beforeSize, limit }) => {
      const { rows } = await reader.query<HeadColumns>(
        'select * from ledger_signed_head where size < $1 order by size desc limit $2',
        [beforeSize ?? Number.MAX_SAFE_INTEGER, limit],
      );
      return rows.map(toHead);
    },
    receipt,
    receiptNow: async (transferId) => {
      const found = await receipt(transferId);
      if (found !== undefined || (await readTransfers(reader, [transferId])).length === 0) return found;
      await sealSoon();
      return receipt(transferId);
    },
    consistency: async (fromSize, toSize) => {
      const from = await headWhere('where size = $1', [fromSize]);
      const to = await headWhere('where size = $1', [toSize]);
      if (from === undefined || to === undefined || fromSize > toSize) return undefined;
      const path = await consistencyPath(nodeSha256, storedNodes(reader, toSize), fromSize, toSize);
      return { from, to, path: path.map(toHex) };
    },
    keys: async () => readKeys(reader, deps),
  };
}

type KeyColumns = { key_id: string; public_key: Buffer; first_used_at: Date | null };

async function readKeys(reader: Reader, deps: Pick<LedgerLogDeps, 'signingKey'>): Promise<PublishedKey[]> {
  const { rows } = await reader.query<KeyColumns>('select * from ledger_signing_key order by first_used_at desc');
  const own = createPublicKey(deps.signingKey);
  const known = rows.some((row) => row.key_id === keyIdOf(own));
  const unused = { key_id: keyIdOf(own), public_key: spkiOf(own), first_used_at: null };
  return (known ? rows : [unused, ...rows]).map((row) => ({
    keyId: row.key_id,
    algorithm: 'Ed25519',
    publicKey: row.public_key.toString('base64'),
    firstUsedAt: row.first_used_at?.toISOString() ?? null,
  }));
}

/** Makes heads: the roots of full groups first, then the head, which a second sealer of the same size finds there. */
function createSealer(
  { reader, clock, signingKey }: LedgerLogDeps,
  read: { latestHead: LedgerLog['latestHead']; headOf: (size: number) => Promise<SignedHead | undefined> },
): LedgerLog['sealHead'] {
  const publicKey = createPublicKey(signingKey);
  const keyId = keyIdOf(publicKey);
  let published = false;
  return async () => {
    const latest = await read.latestHead();
    const { rows } = await reader.query<{ seq: bigint }>('select seq from ledger_head where shard = 0');
    const size = Number(rows[0]?.seq ?? 0n);
    // A head that was there and is beyond the book says that rows were lost: nothing may be signed over it.
    if (latest !== undefined && latest.size > size)
      throw new Error(`assertion: head ${latest.size} was signed, and the book has only ${size} transfers`);
    if (size === 0 || latest?.size === size) return latest;
    await storeGroups(reader, latest?.size ?? 0, size);
    if (latest !== undefined) await holdTo(reader, latest);
    const root = await treeRoot(nodeSha256, storedNodes(reader, size), size);
    const at = clock.now();
    const signature = sign(null, headMessage({ size, root: toHex(root), at: at.toISOString() }), signingKey);
    if (!published) {
      await reader.query('insert into ledger_signing_key values ($1, $2, $3) on conflict do nothing', [
        keyId,
        spkiOf(publicKey),
        at,
      ]);
      published = true;
    }
    await reader.query('insert into ledger_signed_head values ($1, $2, $3, $4, $5) on conflict do nothing', [
      size,
      root,
      at,
      keyId,
      signature,
    ]);
    return read.headOf(size);
  };
}

/**
 * Work for whoever asks: all who come before a turn begins share it, so that it sees what each of them wrote, and turns
 * begin no faster than one in `ON_DEMAND_MS`.
 */
function createTurns(work: () => Promise<unknown>, pace: Clock): () => Promise<unknown> {
  let next: Promise<unknown> | undefined;
  let running: Promise<unknown> = Promise.resolve();
  let begunAt = 0;
  const turn = async () => {
    await running.catch(() => undefined);
    const wait = begunAt + ON_DEMAND_MS - pace.now().getTime();
    if (wait > 0) await pace.sleep(Math.min(wait, ON_DEMAND_MS));
    begunAt = pace.now().getTime();
    next = undefined;
    running = work();
    return running;
  };
  return () => {
    next ??= turn();
    return next;
  };
}

/** The content of a leaf, as `leafContent` makes it from a transfer that was read. */
const LEAF_CONTENT = `concat_ws(e'\\n', 'purser-transfer-1', seq, id,
  case kind when 1 then 'post' when 2 then 'pending' when 3 then 'post_pending' else 'void_pending' end,
  debit_account_id, credit_account_id, amount, ledger, code, coalesce(pending_id::text, ''), coalesce(operation_id::text, ''),
  to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))`;

/** The leaves of transfers first + 1 to first + count, hashed where they lie: whoever writes here has better to do. */
async function readLeaves(reader: Reader, first: number, count: number): Promise<Hash[]> {
  const { rows } = await reader.query<{ leaf: Buffer }>({
    name: 'ledger_leaves',
    text: `select sha256('\\x00'::bytea || convert_to(${LEAF_CONTENT}, 'UTF8')) as leaf
             from ledger_transfer where seq > $1 and seq <= $2 order by seq`,
    values: [first, first + count],
  });
  expectAll(rows, first, count);
  return rows.map(({ leaf }) => new Uint8Array(leaf));
}

/** The same from the rows themselves, hashed here: for checks, which take nobody's word for it. */
export async function hashTransfers(reader: Reader, first: number, count: number): Promise<Hash[]> {
  const { rows } = await reader.query<TransferColumns>({
    name: 'ledger_leaf_rows',
    text: 'select * from ledger_transfer where seq > $1 and seq <= $2 order by seq',
    values: [first, first + count],
  });
  expectAll(rows, first, count);
  return rows.map((row) => hashLeaf(nodeSha256, leafContent(toLogged(toTransfer(toTransferRow(row))))));
}

function expectAll(rows: readonly unknown[], first: number, count: number): void {
  if (rows.length !== count)
    throw new Error(`assertion: ${count} transfers after seq ${first} were expected, ${rows.length} are there`);
}

async function readGroupRoots(reader: Reader, level: number, first: number, count: number): Promise<Hash[]> {
  const { rows } = await reader.query<{ hash: Buffer }>({
    name: 'ledger_log_nodes',
    text: 'select hash from ledger_log_node where level = $1 and index >= $2 and index < $3 order by index',
    values: [level, first, first + count],
  });
  if (rows.length !== count) throw new Error(`assertion: the log lacks nodes of level ${level} after ${first}`);
  return rows.map((row) => new Uint8Array(row.hash));
}

/** The root of a full tree over these hashes, whose number is a power of two. */
function foldFull(hashes: readonly Hash[]): Hash {
  let level = [...hashes];
  while (level.length > 1) {
    level = Array.from({ length: level.length / 2 }, (_, index) =>
      hashNode(nodeSha256, level[2 * index]!, level[2 * index + 1]!),
    );
  }
  return level[0]!;
}

/**
 * Nodes of the tree over the first `size` transfers, from what is stored at every eighth level and from the transfers
 * below the first of them. Each group is read once.
 */
function storedNodes(reader: Reader, size: number): NodeSource {
  const groups = new Map<string, Promise<Hash[]>>();
  const readGroup = (base: number, group: number): Promise<Hash[]> => {
    const name = `${base} ${group}`;
    const known = groups.get(name);
    if (known !== undefined) return known;
    const first = group * GROUP;
    const count = Math.min(GROUP, Math.floor(size / 2 ** base) - first);
    const hashes = base === 0 ? readLeaves(reader, first, count) : readGroupRoots(reader, base, first, count);
    groups.set(name, hashes);
    return hashes;
  };
  return async (level, index) => {
    const base = level - (level % GROUP_LEVEL);
    const width = 2 ** (level - base);
    const group = Math.floor((index * width) / GROUP);
    const from = index * width - group * GROUP;
    return foldFull((await readGroup(base, group)).slice(from, from + width));
  };
}

/** Nothing is signed that does not begin with what was signed last: neither over a changed row nor over a changed node. */
async function holdTo(reader: Reader, { size, root }: SignedHead): Promise<void> {
  if (toHex(await treeRoot(nodeSha256, storedNodes(reader, size), size)) !== root)
    throw new Error(`assertion: the first ${size} transfers, or their nodes, are not those that head ${size} signed`);
}

/**
 * Stores the roots of all groups that are full at this size and not stored yet, from the lowest level up. Of those that
 * became full after `from` transfers, which no head covers, what somebody else has stored must be the same.
 */
async function storeGroups(reader: Reader, from: number, size: number): Promise<void> {
  for (let level = GROUP_LEVEL; 2 ** level <= size; level += GROUP_LEVEL) {
    const full = Math.floor(size / 2 ** level);
    const { rows } = await reader.query<{ next: bigint }>(
      'select coalesce(max(index) + 1, 0)::int8 as next from ledger_log_node where level = $1',
      [level],
    );
    const first = Math.min(Number(rows[0]!.next), Math.floor(from / 2 ** level));
    for (let next = first; next < full; next += GROUPS_AT_ONCE) {
      const count = Math.min(GROUPS_AT_ONCE, full - next);
      const below = level - GROUP_LEVEL;
      const hashes =
        below === 0
          ? await readLeaves(reader, next * GROUP, count * GROUP)
          : await readGroupRoots(reader, below, next * GROUP, count * GROUP);
      const roots = Array.from({ length: count }, (_, index) =>
        foldFull(hashes.slice(index * GROUP, (index + 1) * GROUP)),
      );
      await reader.query(
        `insert into ledger_log_node (level, index, hash)
         select $1, $2 + n - 1, hash from unnest($3::bytea[]) with ordinality as x(hash, n) on conflict do nothing`,
        [level, next, roots.map((root) => Buffer.from(root))],
      );
      const stored = await readGroupRoots(reader, level, next, count);
      if (stored.some((root, index) => toHex(root) !== toHex(roots[index]!)))
        throw new Error(`assertion: a node of level ${level} after ${next} is not that of its transfers`);
    }
  }
}

/** Checks heads with the keys that are published; the log alone cannot tell whether those are the right ones. */
export async function publishedVerifier(reader: Reader): Promise<VerifySignature> {
  const { rows } = await reader.query<KeyColumns>('select * from ledger_signing_key');
  return signatureVerifier(rows.map((row) => createPublicKey({ key: row.public_key, type: 'spki', format: 'der' })));
}
