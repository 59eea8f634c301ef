import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import type { Clock } from '../../kernel/clock.ts';
import type { Uuid } from '../../kernel/ids.ts';
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
} from './merkle.ts';
import { headMessage, leafContent, toHex, toLogged } from './receipt.ts';
import type { ConsistencyProof, LedgerReceipt, SignedHead, VerifySignature } from './receipt.ts';

/** The Merkle log over the transfers in the order of seq: leaf k is transfer k + 1. Made beside the writer, never before it. */

const GROUP_LEVEL = 8;
const GROUP = 2 ** GROUP_LEVEL;
/** Groups hashed by one reading. */
const GROUPS_AT_ONCE = 32;

export const nodeSha256: Sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
};

const keyIdOf = (publicKey: KeyObject): string =>
  createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);

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
  /** What the owner of a transfer may keep; `undefined` until a head covers it. */
  receipt(transferId: Uuid): Promise<LedgerReceipt | undefined>;
  /** That the log of one head begins with the log of another; `undefined` when a head of that size was never signed. */
  consistency(fromSize: number, toSize: number): Promise<ConsistencyProof | undefined>;
};

type HeadColumns = { size: bigint; root: Buffer; signed_at: Date; key_id: string; signature: Buffer };

const toHead = (row: HeadColumns): SignedHead => ({
  size: Number(row.size),
  root: toHex(row.root),
  at: row.signed_at.toISOString(),
  keyId: row.key_id,
  signature: toHex(row.signature),
});

export function openLedgerLog(deps: { reader: Reader; clock: Clock; signingKey: KeyObject }): LedgerLog {
  const { reader, clock, signingKey } = deps;
  const keyId = keyIdOf(createPublicKey(signingKey));
  const nodes = storedNodes(reader);
  const headWhere = async (condition: string, values: readonly unknown[]) => {
    const { rows } = await reader.query<HeadColumns>(`select * from ledger_signed_head ${condition}`, [...values]);
    return rows[0] && toHead(rows[0]);
  };
  const latestHead = () => headWhere('order by size desc limit 1', []);
  return {
    latestHead,
    sealHead: async () => {
      const { rows } = await reader.query<{ seq: bigint }>('select seq from ledger_head where shard = 0');
      const size = Number(rows[0]?.seq ?? 0n);
      const latest = await latestHead();
      if (size === 0 || latest?.size === size) return latest;
      await storeGroups(reader, size);
      const root = await treeRoot(nodeSha256, nodes, size);
      const at = clock.now();
      const signature = sign(null, headMessage({ size, root: toHex(root), at: at.toISOString() }), signingKey);
      // Another process may have sealed the same size: the first stands.
      await reader.query('insert into ledger_signed_head values ($1, $2, $3, $4, $5) on conflict do nothing', [
        size,
        root,
        at,
        keyId,
        signature,
      ]);
      return headWhere('where size = $1', [size]);
    },
    receipt: async (transferId) => {
      const row = (await readTransfers(reader, [transferId]))[0];
      const head = row && (await headWhere('where size >= $1 order by size limit 1', [row.seq]));
      if (row === undefined || head === undefined) return undefined;
      const path = await inclusionPath(nodeSha256, nodes, row.seq - 1, head.size);
      return { transfer: toLogged(toTransfer(row)), path: path.map(toHex), head };
    },
    consistency: async (fromSize, toSize) => {
      const from = await headWhere('where size = $1', [fromSize]);
      const to = await headWhere('where size = $1', [toSize]);
      if (from === undefined || to === undefined || fromSize > toSize) return undefined;
      return { from, to, path: (await consistencyPath(nodeSha256, nodes, fromSize, toSize)).map(toHex) };
    },
  };
}

/** The leaves of transfers first + 1 to first + count, from the rows as they are now. */
async function readLeaves(reader: Reader, first: number, count: number): Promise<Hash[]> {
  const { rows } = await reader.query<TransferColumns>({
    name: 'ledger_leaves',
    text: 'select * from ledger_transfer where seq > $1 and seq <= $2 order by seq',
    values: [first, first + count],
  });
  if (rows.length !== count)
    throw new Error(`assertion: ${count} transfers after seq ${first} were expected, ${rows.length} are there`);
  return rows.map((row) => hashLeaf(nodeSha256, leafContent(toLogged(toTransfer(toTransferRow(row))))));
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

/** Nodes from what is stored at every eighth level, and from the transfers below the first of them. */
function storedNodes(reader: Reader): NodeSource {
  return async (level, index) => {
    const base = level - (level % GROUP_LEVEL);
    const width = 2 ** (level - base);
    const hashes =
      base === 0
        ? await readLeaves(reader, index * width, width)
        : await readGroupRoots(reader, base, index * width, width);
    return foldFull(hashes);
  };
}

/** Stores the roots of all groups that are full at this size and not stored yet, from the lowest level up. */
async function storeGroups(reader: Reader, size: number): Promise<void> {
  for (let level = GROUP_LEVEL; 2 ** level <= size; level += GROUP_LEVEL) {
    const full = Math.floor(size / 2 ** level);
    const { rows } = await reader.query<{ next: bigint }>(
      'select coalesce(max(index) + 1, 0)::int8 as next from ledger_log_node where level = $1',
      [level],
    );
    for (let next = Number(rows[0]!.next); next < full; next += GROUPS_AT_ONCE) {
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
    }
  }
}

/** Recomputes the whole log from the transfers and holds every signed head against it; names the first that does not fit. */
export async function checkLog(
  reader: Reader,
  verifySignature: VerifySignature,
): Promise<{ ok: true; heads: number } | { ok: false; problem: string }> {
  const { rows } = await reader.query<HeadColumns>('select * from ledger_signed_head order by size');
  let done = 0;
  // Roots of full subtrees from the left, one per bit of what was read: all that is needed to go on.
  const peaks: { level: number; hash: Hash }[] = [];
  for (const head of rows.map(toHead)) {
    const signature = Buffer.from(head.signature, 'hex');
    if (!(await verifySignature(head.keyId, headMessage(head), signature)))
      return { ok: false, problem: `head ${head.size} has a wrong signature` };
    while (done < head.size) {
      const count = Math.min(GROUP * GROUPS_AT_ONCE, head.size - done);
      const leaves = await readLeaves(reader, done, count).catch((error: Error) => error);
      if (leaves instanceof Error) return { ok: false, problem: leaves.message };
      for (const leaf of leaves) addLeaf(peaks, leaf);
      done += count;
    }
    const root = peaks.map((peak) => peak.hash).reduceRight((right, left) => hashNode(nodeSha256, left, right));
    if (toHex(root) !== head.root)
      return { ok: false, problem: `the first ${head.size} transfers are not those that head ${head.size} signed` };
  }
  return { ok: true, heads: rows.length };
}

function addLeaf(peaks: { level: number; hash: Hash }[], leaf: Hash): void {
  let peak = { level: 0, hash: leaf };
  for (let last = peaks.at(-1); last !== undefined && last.level === peak.level; last = peaks.at(-1)) {
    peaks.pop();
    peak = { level: peak.level + 1, hash: hashNode(nodeSha256, last.hash, peak.hash) };
  }
  peaks.push(peak);
}
