/**
 * The Merkle tree of RFC 6962 (section 2.1), and the checks of RFC 9162 (sections 2.1.3.2 and 2.1.4.2), over whatever
 * hash is given: the server passes node's, a page in the browser its own.
 */

export type Hash = Uint8Array;
/** At once where the server hashes millions, later where a browser does it. */
export type Sha256<R extends Hash | Promise<Hash> = Hash> = (...parts: Uint8Array[]) => R;
export type AnySha256 = Sha256<Hash | Promise<Hash>>;

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export const hashLeaf = <R extends Hash | Promise<Hash>>(sha256: Sha256<R>, content: Uint8Array): R =>
  sha256(LEAF, content);
export const hashNode = <R extends Hash | Promise<Hash>>(sha256: Sha256<R>, left: Hash, right: Hash): R =>
  sha256(NODE, left, right);

/** Gives the root of the full subtree that covers the leaves from `index * 2^level` on. */
export type NodeSource = (level: number, index: number) => Promise<Hash>;

/** The largest power of two below n, for n of at least 2. */
function splitOf(n: number): number {
  let split = 1;
  while (split * 2 < n) split *= 2;
  return split;
}

const isPowerOfTwo = (n: number): boolean => Number.isInteger(Math.log2(n));

/** The root over the leaves `start` to `start + n`; such ranges as the tree has. */
async function rootOf(sha256: Sha256, nodes: NodeSource, start: number, n: number): Promise<Hash> {
  if (isPowerOfTwo(n)) return nodes(Math.log2(n), start / n);
  const split = splitOf(n);
  const left = await rootOf(sha256, nodes, start, split);
  return hashNode(sha256, left, await rootOf(sha256, nodes, start + split, n - split));
}

/** The root of the first `size` leaves, of which there is at least one. */
export const treeRoot = (sha256: Sha256, nodes: NodeSource, size: number): Promise<Hash> =>
  rootOf(sha256, nodes, 0, size);

/** The hashes that lead from leaf `index` to the root of the first `size` leaves. */
export async function inclusionPath(sha256: Sha256, nodes: NodeSource, index: number, size: number): Promise<Hash[]> {
  const walk = async (m: number, start: number, n: number): Promise<Hash[]> => {
    if (n === 1) return [];
    const split = splitOf(n);
    if (m < split) return [...(await walk(m, start, split)), await rootOf(sha256, nodes, start + split, n - split)];
    return [...(await walk(m - split, start + split, n - split)), await rootOf(sha256, nodes, start, split)];
  };
  return walk(index, 0, size);
}

/** The hashes that show the first `from` leaves to be the beginning of the first `to`. */
export async function consistencyPath(sha256: Sha256, nodes: NodeSource, from: number, to: number): Promise<Hash[]> {
  const walk = async (m: number, start: number, n: number, isWhole: boolean): Promise<Hash[]> => {
    if (m === n) return isWhole ? [] : [await rootOf(sha256, nodes, start, n)];
    const split = splitOf(n);
    if (m <= split)
      return [...(await walk(m, start, split, isWhole)), await rootOf(sha256, nodes, start + split, n - split)];
    return [...(await walk(m - split, start + split, n - split, false)), await rootOf(sha256, nodes, start, split)];
  };
  return walk(from, 0, to, true);
}

const isSame = (a: Hash, b: Hash): boolean => a.length === b.length && a.every((byte, index) => byte === b[index]);
const isOdd = (n: number): boolean => n % 2 === 1;
const half = (n: number): number => Math.floor(n / 2);

/** One step from a leaf to the root: the hash beside it, on which side that stands, and what both give. */
export type PathStep = { beside: Hash; side: 'left' | 'right'; gives: Hash };

/** The way from a leaf up, as far as the path leads; `undefined` for a path that is no path of such a tree. */
export async function walkPath(
  sha256: AnySha256,
  proof: { leaf: Hash; index: number; size: number; path: readonly Hash[] },
): Promise<PathStep[] | undefined> {
  if (!(Number.isSafeInteger(proof.size) && Number.isSafeInteger(proof.index))) return undefined;
  if (!(proof.index >= 0 && proof.index < proof.size)) return undefined;
  const steps: PathStep[] = [];
  let [place, last, hash] = [proof.index, proof.size - 1, proof.leaf];
  for (const beside of proof.path) {
    if (last === 0) return undefined;
    const isRight = isOdd(place) || place === last;
    hash = await (isRight ? hashNode(sha256, beside, hash) : hashNode(sha256, hash, beside));
    while (isRight && !isOdd(place) && place !== 0) [place, last] = [half(place), half(last)];
    [place, last] = [half(place), half(last)];
    steps.push({ beside, side: isRight ? 'left' : 'right', gives: hash });
  }
  return last === 0 ? steps : undefined;
}

/** Whether the path leads from this leaf at this place to this root of a tree of this size. */
export async function verifyInclusion(
  sha256: AnySha256,
  proof: { leaf: Hash; index: number; size: number; path: readonly Hash[]; root: Hash },
): Promise<boolean> {
  const steps = await walkPath(sha256, proof);
  return steps !== undefined && isSame(steps.at(-1)?.gives ?? proof.leaf, proof.root);
}

/** Whether the tree with the first root is the beginning of the tree with the second. */
export async function verifyConsistency(
  sha256: AnySha256,
  proof: { from: number; to: number; path: readonly Hash[]; fromRoot: Hash; toRoot: Hash },
): Promise<boolean> {
  const { from, to, fromRoot, toRoot } = proof;
  if (!(Number.isSafeInteger(from) && Number.isSafeInteger(to) && from > 0 && from <= to)) return false;
  if (from === to) return proof.path.length === 0 && isSame(fromRoot, toRoot);
  const path = isPowerOfTwo(from) ? [fromRoot, ...proof.path] : proof.path;
  const first = path[0];
  if (first === undefined) return false;
  let [place, last] = [from - 1, to - 1];
  while (isOdd(place)) [place, last] = [half(place), half(last)];
  let [fromHash, toHash] = [first, first];
  for (const step of path.slice(1)) {
    if (last === 0) return false;
    if (isOdd(place) || place === last) {
      fromHash = await hashNode(sha256, step, fromHash);
      toHash = await hashNode(sha256, step, toHash);
      while (!isOdd(place) && place !== 0) [place, last] = [half(place), half(last)];
    } else {
      toHash = await hashNode(sha256, toHash, step);
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && isSame(fromHash, fromRoot) && isSame(toHash, toRoot);
}
