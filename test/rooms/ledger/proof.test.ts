import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type pg from 'pg';
import { connectDatabase } from '../../../src/database/database.ts';
import { deriveId } from '../../../src/kernel/ids.ts';
import type { AccountId, NewTransfer } from '../../../src/ledger/ledger.ts';
import { checkLog } from '../../../src/ledger/proof/check-log.ts';
import {
  nodeSha256,
  openLedgerLog,
  publishedVerifier,
  signatureVerifier,
  type LedgerLog,
} from '../../../src/ledger/proof/ledger-log.ts';
import {
  consistencyPath,
  hashLeaf,
  hashNode,
  inclusionPath,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
  type Hash,
} from '../../../src/proof/merkle.ts';
import { leafContent, toHex, verifyHeads, verifyReceipt, type LoggedTransfer } from '../../../src/proof/receipt.ts';
import { hold, LedgerFixture, makeId, post, release, take } from './fixture.ts';

describe('the tree', () => {
  const fullNodes =
    (leaves: readonly Hash[]) =>
    async (level: number, index: number): Promise<Hash> => {
      const node = (l: number, i: number): Hash =>
        l === 0 ? leaves[i]! : hashNode(nodeSha256, node(l - 1, 2 * i), node(l - 1, 2 * i + 1));
      return node(level, index);
    };

  test('has the roots of the published examples', async () => {
    const contents = [
      '',
      '00',
      '10',
      '2021',
      '3031',
      '40414243',
      '5051525354555657',
      '606162636465666768696a6b6c6d6e6f',
    ];
    const leaves = contents.map((hex) => hashLeaf(nodeSha256, Buffer.from(hex, 'hex')));
    const roots = await Promise.all(
      leaves.map(async (_, index) => toHex(await treeRoot(nodeSha256, fullNodes(leaves), index + 1))),
    );
    expect(roots).toEqual([
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
      'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
      '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
      'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    ]);
  });

  test('proves every place in every size up to 40, and every beginning; nothing else', async () => {
    const leaves = Array.from({ length: 40 }, (_, index) => hashLeaf(nodeSha256, Uint8Array.of(index)));
    const nodes = fullNodes(leaves);
    const roots = await Promise.all(leaves.map((_, index) => treeRoot(nodeSha256, nodes, index + 1)));
    for (let size = 1; size <= 40; size += 1) {
      const root = roots[size - 1]!;
      for (let index = 0; index < size; index += 1) {
        const path = await inclusionPath(nodeSha256, nodes, index, size);
        const proof = { leaf: leaves[index]!, index, size, path, root };
        expect(await verifyInclusion(nodeSha256, proof)).toBe(true);
        if (size > 1) {
          expect(await verifyInclusion(nodeSha256, { ...proof, index: (index + 1) % size })).toBe(false);
          expect(await verifyInclusion(nodeSha256, { ...proof, leaf: leaves[(index + 1) % size]! })).toBe(false);
          expect(await verifyInclusion(nodeSha256, { ...proof, path: path.slice(1) })).toBe(false);
        }
      }
      for (let from = 1; from <= size; from += 1) {
        const path = await consistencyPath(nodeSha256, nodes, from, size);
        const proof = { from, to: size, path, fromRoot: roots[from - 1]!, toRoot: root };
        expect(await verifyConsistency(nodeSha256, proof)).toBe(true);
        if (from < size) {
          expect(await verifyConsistency(nodeSha256, { ...proof, fromRoot: root })).toBe(false);
          expect(await verifyConsistency(nodeSha256, { ...proof, toRoot: roots[from - 1]! })).toBe(false);
          expect(await verifyConsistency(nodeSha256, { ...proof, path: [...path, root] })).toBe(false);
        }
      }
    }
  });

  test('takes a path for one place in one size only, however ragged the tree is at its end', async () => {
    const leaves = Array.from({ length: 14 }, (_, index) => hashLeaf(nodeSha256, Uint8Array.of(index)));
    const nodes = fullNodes(leaves);
    const roots = await Promise.all(leaves.map((_, index) => treeRoot(nodeSha256, nodes, index + 1)));
    const odd = [-1, -2, 0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY];
    for (let size = 1; size <= leaves.length; size += 1) {
      const root = roots[size - 1]!;
      for (let index = 0; index < size; index += 1) {
        const leaf = leaves[index]!;
        const path = await inclusionPath(nodeSha256, nodes, index, size);
        for (const other of [...leaves.keys(), size, size + 1, 64, ...odd].filter((each) => each !== index))
          expect(await verifyInclusion(nodeSha256, { leaf, index: other, size, path, root })).toBe(false);
      }
      for (let from = 1; from < size; from += 1) {
        const proof = {
          path: await consistencyPath(nodeSha256, nodes, from, size),
          fromRoot: roots[from - 1]!,
          toRoot: root,
        };
        for (const other of [...leaves.keys(), 64, ...odd].filter((each) => each !== from))
          expect(await verifyConsistency(nodeSha256, { ...proof, from: other, to: size })).toBe(false);
      }
    }
  });

  // Not of every other size: the shape of a path says where it turns, not how large a tree is to the right of it.
  test('takes a proof that one tree begins with another for no tree of another height', async () => {
    const leaves = Array.from({ length: 9 }, (_, index) => hashLeaf(nodeSha256, Uint8Array.of(index)));
    const nodes = fullNodes(leaves);
    const roots = await Promise.all(leaves.map((_, index) => treeRoot(nodeSha256, nodes, index + 1)));
    for (let from = 1; from < 8; from += 1) {
      const path = await consistencyPath(nodeSha256, nodes, from, 8);
      const proof = { from, path, fromRoot: roots[from - 1]!, toRoot: roots[7]! };
      for (const to of [9, 16, 17, 64]) expect(await verifyConsistency(nodeSha256, { ...proof, to })).toBe(false);
    }
  });
});

describe('a leaf', () => {
  const base = {
    ...{ seq: '5', id: '0193a000-0000-7000-8000-000000000005', kind: 'post', amount: '7', ledger: 156, code: 4 },
    ...{ debitAccountId: '17', creditAccountId: '42', pendingId: null, operationId: null },
    at: '2026-11-22T05:52:04.000Z',
  };
  const lines = ['5', base.id, 'post', '17', '42', '7', '156', '4', '', '', base.at];
  const contentOf = (transfer: LoggedTransfer) => new TextDecoder().decode(leafContent(transfer));

  test('is what it always was: who has an old receipt can still check it', () => {
    expect(contentOf(base)).toBe(['purser-transfer-1', ...lines].join('\n'));
  });
});

describe('the log of a ledger', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const verify = signatureVerifier([publicKey]);
  let fixture: LedgerFixture;
  let pool: pg.Pool;
  let log: LedgerLog;
  let accounts: [AccountId, AccountId];
  const made: NewTransfer[] = [];
  const unknownId = makeId();

  const grow = async (count: number) => {
    const chains = Array.from({ length: count }, () => [post(accounts[0], accounts[1], 1n)]);
    await fixture.ledger.post(chains);
    made.push(...chains.flat());
  };

  beforeAll(async () => {
    fixture = await LedgerFixture.create();
    pool = connectDatabase({ connectionString: fixture.database.connectionString, applicationRole: true, max: 2 }).pool;
    log = openLedgerLog({ reader: pool, clock: fixture.clock, signingKey: privateKey });
    accounts = [await fixture.makeAccount(), await fixture.makeAccount()];
  });
  afterAll(async () => {
    await pool.end();
    await fixture.close();
  });

  test('gives every transfer a receipt that can be checked alone, and every two heads a proof', async () => {
    expect(await log.sealHead()).toBeUndefined();
    const sizes: number[] = [];
    for (const count of [1, 6, 249, 1, 300, 512, 9_000]) {
      await grow(count);
      expect(await log.receipt(made.at(-1)!.id)).toBeUndefined();
      const [head, same] = await Promise.all([log.sealHead(), log.sealHead()]);
      expect(head).toEqual(same);
      expect(head?.size).toBe(made.length);
      sizes.push(made.length);
    }
    for (const index of [0, 1, 6, 7, 255, 256, 257, 600, 1_068, 1_069, 8_191, 8_192, made.length - 1]) {
      const receipt = (await log.receipt(made[index]!.id))!;
      expect(receipt.transfer).toMatchObject({ id: made[index]!.id, seq: String(index + 1), amount: '1' });
      expect(await verifyReceipt(receipt, nodeSha256, verify)).toEqual({ ok: true });
      const richer = { ...receipt, transfer: { ...receipt.transfer, amount: '2' } };
      expect(await verifyReceipt(richer, nodeSha256, verify)).toEqual({ ok: false, problem: 'entry' });
      const leaf = toHex(hashLeaf(nodeSha256, leafContent(richer.transfer)));
      expect(await verifyReceipt({ ...richer, leaf }, nodeSha256, verify)).toEqual({ ok: false, problem: 'path' });
      const older = { ...receipt, head: { ...receipt.head, at: '2020-01-01T00:00:00.000Z' } };
      expect(await verifyReceipt(older, nodeSha256, verify)).toEqual({ ok: false, problem: 'signature' });
    }
    for (const from of sizes) {
      for (const to of sizes.filter((each) => each >= from)) {
        expect(await verifyHeads((await log.consistency(from, to))!, nodeSha256, verify)).toEqual({ ok: true });
      }
    }
    expect(await checkLog(pool, verify)).toEqual({ ok: true, heads: sizes.length });
    const stranger = signatureVerifier([generateKeyPairSync('ed25519').publicKey]);
    expect(await checkLog(pool, stranger)).toMatchObject({ ok: false });
  });

  test('finds a row that is gone, and signs nothing over the gap', async () => {
    await fixture.withOwner(async (client) => {
      await client.query('begin');
      await client.query(
        'delete from ledger_transfer where seq = 700; delete from ledger_log_node; update ledger_head set seq = seq + 1',
      );
      expect(await checkLog(client, verify)).toMatchObject({ ok: false, problem: expect.stringContaining('expected') });
      const gapped = openLedgerLog({ reader: client, clock: fixture.clock, signingKey: privateKey });
      await expect(gapped.sealHead()).rejects.toThrow('expected');
      await client.query('rollback');
    });
  });

  test('signs nothing over a head that is beyond the end of the book', async () => {
    await fixture.withOwner(async (client) => {
      await client.query('begin');
      await client.query('delete from ledger_transfer where seq > 9000; update ledger_head set seq = 9000');
      const shortened = openLedgerLog({ reader: client, clock: fixture.clock, signingKey: privateKey });
      await expect(shortened.sealHead()).rejects.toThrow('has only 9000');
      expect(await checkLog(client, verify)).toMatchObject({ ok: false, problem: expect.stringContaining('expected') });
      await client.query('rollback');
    });
  });

  test('has a receipt for a transfer that no head covers yet, and none for one that is not there', async () => {
    await grow(3);
    const [first, last] = [made.at(-3)!.id, made.at(-1)!.id];
    const [receipt, other, nothing] = await Promise.all([
      log.receiptNow(last),
      log.receiptNow(first),
      log.receiptNow(unknownId),
    ]);
    expect(nothing).toBeUndefined();
    for (const each of [receipt, other]) expect(await verifyReceipt(each!, nodeSha256, verify)).toEqual({ ok: true });
  });

  test.each<[string, string]>([
    ['changed', 'update ledger_transfer set amount = amount + 1 where seq = 300'],
    ['changed in its time', "update ledger_transfer set created_at = created_at + interval '1 ms' where seq = 5"],
    [
      'dropped, and the gap closed',
      'delete from ledger_transfer where seq = 700; update ledger_transfer set seq = seq - 1, debit_previous_seq = 0, credit_previous_seq = 0 where seq > 700',
    ],
    [
      'inserted',
      `update ledger_transfer set seq = seq + 1 where seq >= 400;
      insert into ledger_transfer select gen_random_uuid(), 400, debit_account_id, credit_account_id, amount, debit_balance, credit_balance,
        debit_account_seq, credit_account_seq, created_at, ledger, code, kind, pending_id, operation_id, debit_previous_seq, credit_previous_seq, counters from ledger_transfer where seq = 399`,
    ],
    [
      'reordered',
      'update ledger_transfer set seq = 21 - seq, debit_previous_seq = 0, credit_previous_seq = 0 where seq in (10, 11)',
    ],
    [
      'dropped at the end, and another put there',
      'delete from ledger_transfer where seq = (select max(seq) from ledger_transfer)',
    ],
  ])('tells when an old row was %s, also someone who has only an old head', async (_, tampering) => {
    await fixture.withOwner(async (client) => {
      const old = (await log.latestHead())!;
      // One who can do this can also make the log anew and sign it: everything but the old head in someone's hand.
      await client.query('begin');
      await client.query(tampering);
      expect(await checkLog(client, verify)).toMatchObject({ ok: false });
      await client.query(
        'delete from ledger_log_node; delete from ledger_signed_head; update ledger_head set seq = (select max(seq) from ledger_transfer)',
      );
      // The forger adds as many rows as it takes to offer a head as large as the old one.
      await client.query(`insert into ledger_transfer select gen_random_uuid(), seq + 1, debit_account_id, credit_account_id, amount, debit_balance, credit_balance,
        debit_account_seq, credit_account_seq, created_at, ledger, code, kind, pending_id, operation_id, debit_previous_seq, credit_previous_seq, counters from ledger_transfer order by seq desc limit 1`);
      await client.query('update ledger_head set seq = seq + 1');
      const forged = openLedgerLog({ reader: client, clock: fixture.clock, signingKey: privateKey });
      const head = (await forged.sealHead())!;
      expect(head.size).toBeGreaterThanOrEqual(old.size);
      expect(await checkLog(client, verify)).toEqual({ ok: true, heads: 1 });
      expect(await checkLog(client, verify, [old])).toMatchObject({ ok: false });
      await client.query('insert into ledger_signed_head values ($1, $2, $3, $4, $5) on conflict do nothing', [
        old.size,
        Buffer.from(old.root, 'hex'),
        old.at,
        old.keyId,
        Buffer.from(old.signature, 'hex'),
      ]);
      const proof = (await forged.consistency(old.size, head.size))!;
      expect(await verifyHeads({ ...proof, from: old }, nodeSha256, verify)).toEqual({ ok: false, problem: 'path' });
      await client.query('rollback');
    });
  });

  test('hashes every kind of transfer alike where it lies and from what was read of it', async () => {
    const [a, b] = accounts;
    const operationId = makeId();
    const [taken, released, expired] = [
      hold(a, b, 9n, { operationId }),
      hold(a, b, 9n),
      hold(a, b, 9n, { expiresAt: fixture.clock.now() }),
    ];
    const all = [taken, released, expired, take(taken.id, 4n, { operationId }), release(released.id)];
    for (const each of all) await fixture.one(each);
    fixture.clock.advance(1);
    expect(await fixture.ledger.expireHolds(10)).toBe(1);
    const ended = deriveId(expired.id, 'expired');
    for (const id of [...all.map((each) => each.id), ended])
      expect(await verifyReceipt((await log.receiptNow(id))!, nodeSha256, verify)).toEqual({ ok: true });
    expect((await log.receiptNow(ended))?.transfer).toMatchObject({ kind: 'void_pending', pendingId: expired.id });
  });

  test('does not hold how a movement was counted: its receipt is as any other', async () => {
    const [a, b] = accounts;
    const counts = ([0, 1] as const).map((counter) => ({ counter, upTo: 2n ** 62n }));
    const all = [[], counts.slice(0, 1), counts.slice(1), counts].map((each) => post(a, b, 2n, { counts: each }));
    await fixture.ledger.post(all.map((each) => [each]));
    expect((await fixture.ledger.transfer(all[3]!.id))?.counters).toEqual([0, 1]);
    for (const { id } of all) {
      const receipt = (await log.receiptNow(id))!;
      expect(receipt.transfer).not.toHaveProperty('counters');
      expect(await verifyReceipt(receipt, nodeSha256, verify)).toEqual({ ok: true });
    }
    expect(await checkLog(pool, verify)).toMatchObject({ ok: true });
  });

  test('keeps the keys that heads were signed with, also when another signs now', async () => {
    const next = generateKeyPairSync('ed25519');
    const later = openLedgerLog({ reader: pool, clock: fixture.clock, signingKey: next.privateKey });
    const before = await later.keys();
    expect(before[0]?.firstUsedAt).toBeNull();
    await grow(1);
    const head = (await later.sealHead())!;
    const keys = await later.keys();
    expect(keys.map(({ keyId }) => keyId)).toEqual(expect.arrayContaining(before.map(({ keyId }) => keyId)));
    expect(keys.find(({ keyId }) => keyId === head.keyId)?.firstUsedAt).not.toBeNull();
    expect(await checkLog(pool, await publishedVerifier(pool))).toMatchObject({ ok: true });
    expect(await checkLog(pool, verify)).toMatchObject({ ok: false });
  });
});
