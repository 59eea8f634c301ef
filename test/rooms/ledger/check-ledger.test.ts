import { expect, test } from 'vitest';
import { hold, LedgerFixture, release, take } from './fixture.ts';

/** What the check of the books finds that no other test of the ledger can bring about. */

test('a hold that was ended on the wrong side of its time is found', async () => {
  const books = await LedgerFixture.create();
  const [a, b] = await books.makePair(100n);
  const [taken, released, left] = [10n, 20n, 30n].map((amount) =>
    hold(a, b, amount, { expiresAt: books.inMs(60_000) }),
  );
  expect(await books.outcomes([taken!], [released!], [left!])).toEqual([['posted'], ['posted'], ['posted']]);
  await books.outcomes([take(taken!.id)], [release(released!.id)]);
  books.clock.advance(60_000);
  expect(await books.ledger.expireHolds(10)).toBe(1);
  expect(await books.check()).toMatchObject({ ok: true });
  const move = (id: string, by: string) =>
    books.withOwner((client) =>
      client.query(`update ledger_hold set expires_at = expires_at + $2::interval where id = $1`, [id, by]),
    );
  for (const [{ id } = { id: '' }, by, back] of [
    [taken, '-1 hour', '1 hour'],
    [released, '-1 hour', '1 hour'],
    [left, '1 hour', '-1 hour'],
  ] as const) {
    await move(id, by);
    const checked = await books.check();
    expect(checked.ok ? 'right' : checked.problem).toMatch(`hold ${id} was ended by transfer`);
    await move(id, back);
  }
  await books.close();
});

test('a head that is not there, or says that the last transfer was earlier, is found', async () => {
  const books = await LedgerFixture.create();
  await books.makePair(100n);
  for (const [change, problem, back] of [
    ["update ledger_head set last_at = last_at - interval '1 ms'", 'the head is of', "last_at + interval '1 ms'"],
    ['update ledger_head set seq = 7', 'the head says 7, the last transfer is 1', 'last_at, seq = 1'],
  ]) {
    await books.withOwner((client) => client.query(change!));
    expect(await books.check()).toMatchObject({ ok: false, problem: expect.stringContaining(problem!) });
    await books.withOwner((client) => client.query(`update ledger_head set last_at = ${back}`));
  }
  await books.withOwner((client) => client.query('create table kept as table ledger_head; delete from ledger_head'));
  expect(await books.check()).toEqual({ ok: false, problem: 'the head says nothing, the last transfer is 1' });
  await books.withOwner((client) => client.query('insert into ledger_head select * from kept; drop table kept'));
  await books.close();
});
