import { generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeReceipt, pathOf, type Evidence } from '../../../src/proof/judge-receipt.ts';
import { readDocument, type ReceiptDocument } from '../../../src/proof/read-document.ts';
import { headMessage, verifyReceipt } from '../../../src/proof/receipt.ts';
import { webSha256 } from '../../../src/proof/web-crypto.ts';
import { PaperBook } from '../../support/paper-book.ts';

const book = new PaperBook(Array.from({ length: 21 }, (_, index) => 100 + index));
const keptKeys = book.publishedKeys().keys.map(({ publicKey }) => publicKey);

async function receiptOf(seq: number, size?: number, from = book): Promise<ReceiptDocument> {
  const document = readDocument(JSON.stringify(await from.receipt(seq, size)));
  if (document?.kind !== 'receipt') throw new Error('not a receipt');
  return document.receipt;
}
const problemOf = async (evidence: Evidence) => {
  const judgement = await judgeReceipt(evidence);
  return judgement.holds ? 'holds' : judgement.problem;
};

describe('a receipt', () => {
  test('of any entry of any book holds, and its path can be followed to the signed root', async () => {
    for (const size of [1, 2, 3, 7, 8, 9, 21]) {
      for (let seq = 1; seq <= size; seq += 1) {
        const receipt = await receiptOf(seq, size);
        expect(await judgeReceipt({ receipt })).toEqual({ holds: true, keyFrom: 'receipt', oldHead: 'none' });
        expect(await judgeReceipt({ receipt, keptKeys })).toMatchObject({ keyFrom: 'kept' });
        expect(await pathOf(receipt)).toHaveLength(receipt.path.length);
      }
    }
  });

  test('does not hold with anything in its entry, path or head changed, whatever it is changed to', async () => {
    const receipt = await receiptOf(5);
    const hash = fc.stringMatching(/^[0-9a-f]{64}$/);
    const change = fc.oneof(
      ...(['seq', 'amount', 'debitAccountId', 'creditAccountId'] as const).map((name) =>
        fc
          .bigInt(1n, 10n ** 18n)
          .map((value) => ({ ...receipt, transfer: { ...receipt.transfer, [name]: String(value) } })),
      ),
      fc.integer({ min: 0, max: 2000 }).map((ledger) => ({ ...receipt, transfer: { ...receipt.transfer, ledger } })),
      fc.integer({ min: 0, max: 2000 }).map((code) => ({ ...receipt, transfer: { ...receipt.transfer, code } })),
      fc
        .constantFrom('pending', 'post_pending')
        .map((kind) => ({ ...receipt, transfer: { ...receipt.transfer, kind } })),
      fc.uuid().map((id) => ({ ...receipt, transfer: { ...receipt.transfer, id } })),
      fc.uuid().map((operationId) => ({ ...receipt, transfer: { ...receipt.transfer, operationId } })),
      fc.tuple(fc.nat(4), hash).map(([at, step]) => ({ ...receipt, path: receipt.path.with(at, step) })),
      fc.array(hash, { maxLength: 40 }).map((path) => ({ ...receipt, path })),
      fc.integer({ min: 1, max: 2 ** 52 }).map((size) => ({ ...receipt, head: { ...receipt.head, size } })),
      hash.map((root) => ({ ...receipt, head: { ...receipt.head, root } })),
    );
    await fc.assert(
      fc.asyncProperty(change, async (changed) => {
        const isSame = JSON.stringify(changed) === JSON.stringify(receipt);
        expect((await judgeReceipt({ receipt: changed })).holds).toBe(isSame);
      }),
      { numRuns: 400 },
    );
  });

  test('holds nothing that could be read as two lines of an entry, nor a number that is not written plainly', async () => {
    const receipt = await book.receipt(5);
    const { transfer } = receipt;
    const wrong = [
      { ...transfer, amount: '104\n' },
      { ...transfer, amount: '1\n04' },
      { ...transfer, amount: '0104' },
      { ...transfer, amount: '1e2' },
      { ...transfer, kind: 'post\n' },
      { ...transfer, id: `${transfer.id}\n` },
      { ...transfer, at: `${transfer.at}\n` },
      { ...transfer, operationId: 'a\nb' },
    ];
    for (const each of wrong) {
      expect(readDocument(JSON.stringify({ ...receipt, transfer: each }))).toBeUndefined();
      if (JSON.stringify(each).includes('\\n'))
        expect(await verifyReceipt({ ...receipt, transfer: each }, webSha256, () => true)).toEqual({
          ok: false,
          problem: 'malformed',
        });
    }
  });

  test('that another signed is told from ours only by a key that was kept', async () => {
    const forger = new PaperBook([999_999]);
    const forged = await receiptOf(1, 1, forger);
    expect(await problemOf({ receipt: forged })).toBe('holds');
    expect(await problemOf({ receipt: forged, keptKeys })).toBe('foreign_key');
    // The same with the name of our key on it.
    const keyId = book.publishedKeys().keys[0]!.keyId;
    expect(await problemOf({ receipt: { ...forged, head: { ...forged.head, keyId } }, keptKeys })).toBe('signature');
    expect(await problemOf({ receipt: { ...forged, head: { ...forged.head, keyId } } })).toBe('signature');
    expect(await problemOf({ receipt: forged, keptKeys: ['AAAA'] })).toBe('unreadable_key');
  });

  test('of a newer key holds by the word of the older one that was kept, over any number of changes', async () => {
    const newer = book.withNewKey();
    const newest = newer.withNewKey();
    for (const each of [newer, newest]) {
      const receipt = await receiptOf(5, 21, each);
      expect(await judgeReceipt({ receipt, keptKeys })).toMatchObject({ holds: true, keyFrom: 'endorsed' });
      expect(await judgeReceipt({ receipt })).toMatchObject({ holds: true, keyFrom: 'receipt' });
      // Older heads are still checked with the older key, which was kept.
      const oldHead = await book.head(21);
      expect(await judgeReceipt({ receipt, keptKeys, oldHead })).toMatchObject({ holds: true, oldHead: 'fits' });
    }
    const receipt = await receiptOf(5, 21, newest);
    const [first, second] = receipt.endorsements;
    const without: ReceiptDocument['endorsements'][] = [
      [],
      [first!],
      [second!],
      [first!, { ...second!, publicKey: first!.publicKey }],
      [{ ...first!, at: '2026-11-24T00:00:00.000Z' }, second!],
      [{ ...first!, by: second!.by }, second!],
    ];
    for (const endorsements of without) {
      expect(await problemOf({ receipt: { ...receipt, endorsements }, keptKeys })).toBe('foreign_key');
    }
    // Without a key that was kept, the one that came with the receipt must be the one that signed.
    const publicKey = book.publishedKeys().keys[0]!.publicKey;
    expect(await problemOf({ receipt: { ...receipt, publicKey } })).toBe('signature');
    // A stranger's key does not become ours by a chain of its own.
    const stranger = new PaperBook(Array.from({ length: 21 }, () => 5)).withNewKey();
    expect(await problemOf({ receipt: await receiptOf(5, 21, stranger), keptKeys })).toBe('foreign_key');
  });

  test('whose key was changed since still holds with all keys that were published', async () => {
    const old = new PaperBook([1, 2, 3]);
    const all = [...keptKeys, ...old.publishedKeys().keys.map(({ publicKey }) => publicKey)];
    expect(await problemOf({ receipt: await receiptOf(2, 3, old), keptKeys: all })).toBe('holds');
  });
});

describe('an old head', () => {
  test('fits when the book only grew, whichever of both is the older', async () => {
    for (const [mine, other] of [
      [21, 8],
      [8, 21],
      [21, 1],
      [9, 9],
    ] as const) {
      const receipt = await receiptOf(3 > mine ? 1 : 3, mine);
      const consistency = await book.consistency(Math.min(mine, other), Math.max(mine, other));
      const judged = await judgeReceipt({ receipt, oldHead: await book.head(other), consistency });
      expect(judged).toMatchObject({ holds: true, oldHead: 'fits' });
    }
    expect(await problemOf({ receipt: await receiptOf(3), oldHead: await book.head(8) })).toBe('needs_consistency');
    const other = await book.consistency(7, 21);
    expect(await problemOf({ receipt: await receiptOf(3), oldHead: await book.head(8), consistency: other })).toBe(
      'other_heads',
    );
  });

  test('does not fit a book in which an entry that it covers was changed, dropped, inserted or moved', async () => {
    const amounts = Array.from({ length: 21 }, (_, index) => 100 + index);
    const oldHead = await book.head(8);
    const rewritings: Record<string, number[]> = {
      changed: amounts.with(3, 9999),
      dropped: amounts.toSpliced(3, 1),
      inserted: amounts.toSpliced(3, 0, 5),
      moved: amounts.with(3, 104).with(4, 103),
    };
    for (const [name, rewritten] of Object.entries(rewritings)) {
      // Whoever rewrites it also has the key.
      const forged = new PaperBook(rewritten, book.keys);
      const size = rewritten.length;
      const receipt = await receiptOf(12, size, forged);
      expect([name, await problemOf({ receipt, keptKeys })]).toEqual([name, 'holds']);
      const consistency = await forged.consistency(8, size);
      expect([name, await problemOf({ receipt, keptKeys, oldHead, consistency })]).toEqual([name, 'rewritten']);
      // They may also give the true old head back, and then have no way that leads from it.
      const dressed = { ...consistency, from: oldHead };
      expect([name, await problemOf({ receipt, keptKeys, oldHead, consistency: dressed })]).toEqual([
        name,
        'not_shown',
      ]);
      const same = await receiptOf(2, 8, forged);
      expect([name, await problemOf({ receipt: same, keptKeys, oldHead })]).toEqual([name, 'rewritten']);
    }
  });

  test('that was not signed by a known key proves nothing', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const head = await book.head(8);
    const signature = sign(null, headMessage(head), privateKey).toString('hex');
    const receipt = await receiptOf(3);
    const consistency = await book.consistency(8, 21);
    expect(await problemOf({ receipt, oldHead: { ...head, signature }, consistency })).toBe('old_head_signature');
    const oldHead = { ...head, keyId: '0123456789abcdef' };
    expect(await problemOf({ receipt, oldHead, consistency })).toBe('old_head_unknown_key');
  });
});

describe('a file', () => {
  test('is read as what it is, also a key in PEM and a list of heads', async () => {
    const pem = book.keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    expect(readDocument(pem)).toEqual({ kind: 'keys', publicKeys: keptKeys });
    expect(readDocument(JSON.stringify(book.publishedKeys()))).toEqual({ kind: 'keys', publicKeys: keptKeys });
    const head = await book.head(4);
    expect(readDocument(JSON.stringify(head))).toEqual({ kind: 'head', head });
    expect(readDocument(JSON.stringify({ heads: [head], nextBefore: null }))).toEqual({ kind: 'head', head });
    expect(readDocument(JSON.stringify(await book.consistency(2, 4)))).toMatchObject({ kind: 'consistency' });
  });

  test('that is something else, or damaged, is told and breaks nothing', async () => {
    const receipt = JSON.parse(JSON.stringify(await book.receipt(5))) as Record<string, unknown>;
    // Receipts from before keys were changed have no endorsements.
    const needed = Object.keys(receipt).filter((name) => name !== 'endorsements');
    const without = needed.map((name) => ({ ...receipt, [name]: undefined }));
    for (const each of without) expect(readDocument(JSON.stringify(each))).toBeUndefined();
    const wrong = [
      { ...receipt, endorsements: 'none' },
      { ...receipt, endorsements: [{ by: 'x' }] },
      { ...receipt, path: Array.from({ length: 65 }, () => 'ab'.repeat(32)) },
      { ...receipt, path: ['xy'] },
      { ...receipt, transfer: { ...(receipt['transfer'] as object), amount: '1e3' } },
      { ...receipt, transfer: { ...(receipt['transfer'] as object), amount: 12 } },
      { ...receipt, transfer: { ...(receipt['transfer'] as object), kind: 'post\nid' } },
      { ...receipt, head: { ...(receipt['head'] as object), size: 1.5 } },
    ];
    for (const each of wrong) expect(readDocument(JSON.stringify(each))).toBeUndefined();
    fc.assert(fc.property(fc.string(), (text) => readDocument(text) === undefined));
    fc.assert(
      fc.property(fc.json(), (text) => {
        readDocument(text);
      }),
    );
    for (const text of ['', 'null', '[]', '"x"', '{"format":"purser-receipt-1"}', '{"heads":[null]}', '{"heads":[]}'])
      expect(readDocument(text)).toBeUndefined();
  });
});
