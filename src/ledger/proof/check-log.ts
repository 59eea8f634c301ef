import { toHex, headMessage, type SignedHead, type VerifySignature } from '../../proof/receipt.ts';
import { hashNode, type Hash } from '../../proof/merkle.ts';
import type { Reader } from '../stored-rows.ts';
import {
  GROUP,
  GROUP_LEVEL,
  GROUPS_AT_ONCE,
  hashTransfers,
  nodeSha256,
  toHead,
  type HeadColumns,
} from './ledger-log.ts';

/** A full subtree: its place among those of its level. */
type Node = { level: number; index: number; hash: Hash };
export type LogCheck = { ok: true; heads: number } | { ok: false; problem: string };

/**
 * Recomputes the whole log from the transfers and holds every signed head against it, those that are stored and those
 * that somebody kept elsewhere, and every node that is stored; names the first that does not fit, and where to look.
 */
export async function checkLog(
  reader: Reader,
  verifySignature: VerifySignature,
  kept: readonly SignedHead[] = [],
): Promise<LogCheck> {
  const { rows } = await reader.query<HeadColumns>('select * from ledger_signed_head order by size');
  const stored = rows.map(toHead);
  const heads = [...stored, ...kept].sort((a, b) => a.size - b.size);
  const covered = stored.at(-1)?.size ?? 0;
  let [done, right] = [0, 0];
  // Roots of full subtrees from the left, one per bit of what was read: all that is needed to go on.
  const peaks: Node[] = [];
  let wrong: Node | undefined;
  for (const head of heads) {
    const signature = Buffer.from(head.signature, 'hex');
    if (!(await verifySignature(head.keyId, headMessage(head), signature)))
      return { ok: false, problem: `head ${head.size} has a wrong signature` };
    while (done < head.size) {
      const count = Math.min(GROUP * GROUPS_AT_ONCE, head.size - done);
      const leaves = await hashTransfers(reader, done, count).catch((error: Error) => error);
      if (leaves instanceof Error) return { ok: false, problem: leaves.message };
      const full = leaves.flatMap((leaf, index) => addLeaf(peaks, { level: 0, index: done + index, hash: leaf }));
      done += count;
      wrong ??= await findWrongNode(
        reader,
        full.filter(({ level, index }) => (index + 1) * 2 ** level <= covered),
      );
    }
    const root = peaks.map((peak) => peak.hash).reduceRight((after, before) => hashNode(nodeSha256, before, after));
    if (toHex(root) !== head.root) return { ok: false, problem: describeWrong(head.size, right, wrong) };
    right = head.size;
  }
  if (wrong === undefined) return { ok: true, heads: heads.length };
  return { ok: false, problem: `the stored node of transfers ${spanOf(wrong).join(' to ')} is not theirs` };
}

const spanOf = ({ level, index }: Node): [number, number] => [index * 2 ** level + 1, (index + 1) * 2 ** level];

/** Among which transfers the first wrong one is: after the last head that fits, in the first group that does not. */
function describeWrong(size: number, right: number, wrong: Node | undefined): string {
  const [first, last] = wrong === undefined ? [1, size] : spanOf(wrong);
  const where = `look among ${Math.max(first, right + 1)} to ${Math.min(last, size)}`;
  return `the first ${size} transfers are not those that head ${size} signed: ${where}`;
}

/** Adds a leaf; answers with the groups that it made full, of levels that are stored. */
function addLeaf(peaks: Node[], leaf: Node): Node[] {
  const full: Node[] = [];
  let peak = leaf;
  for (let last = peaks.at(-1); last !== undefined && last.level === peak.level; last = peaks.at(-1)) {
    peaks.pop();
    peak = { level: peak.level + 1, index: last.index / 2, hash: hashNode(nodeSha256, last.hash, peak.hash) };
    if (peak.level % GROUP_LEVEL === 0) full.push(peak);
  }
  peaks.push(peak);
  return full;
}

/** The first of these that is stored otherwise, or not at all. */
async function findWrongNode(reader: Reader, nodes: readonly Node[]): Promise<Node | undefined> {
  if (nodes.length === 0) return undefined;
  const { rows } = await reader.query<{ level: number; index: bigint; hash: Buffer }>({
    name: 'ledger_log_check_nodes',
    text: `select level, index, hash from ledger_log_node
            where (level, index) in (select * from unnest($1::int2[], $2::int8[]))`,
    values: [nodes.map(({ level }) => level), nodes.map(({ index }) => index)],
  });
  const stored = new Map(rows.map(({ level, index, hash }) => [`${level} ${index}`, toHex(hash)]));
  return nodes.find(({ level, index, hash }) => stored.get(`${level} ${index}`) !== toHex(hash));
}
