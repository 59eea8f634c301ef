import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OperationShape } from '../../src/contract/operations.ts';
import { Api, newPublicId, yuan } from '../support/api.ts';
import { ming, mingsCard, samplePerson, wen } from '../support/samples.ts';
import { CrashWallet } from '../support/crash-wallet.ts';
import { until } from '../support/until.ts';
import {
  bindCard,
  goodPin,
  lastCode,
  openVerified,
  openWallet,
  partnerTotal,
  type TestWallet,
} from '../support/wallet.ts';

/**
 * Kills the wallet before every single effect of each flow in turn, starts it again, asks for the same thing with the
 * same ids, and finds exactly one effect.
 */

let wallet: CrashWallet;
let me: Api;
let other: Api;
let cardId: string;
const chen = samplePerson('陈志强');

beforeAll(async () => {
  wallet = await CrashWallet.open();

  me = await openVerified(asTest(), ming);
  other = await openVerified(asTest(), wen);
  cardId = await bindCard(asTest(), me, mingsCard);
  await finish(me, newPublicId('op'), 'top_up', { cardId, amount: yuan('400.00') });
});
afterAll(() => wallet.close());

/** The helpers of the ordinary test wallet work on this one as well. */
const asTest = () => wallet as unknown as TestWallet;

const fen = async (api: Api) =>
  BigInt((await api.get<{ available: { minor: string } }>('/v1/balance')).available.minor);

/** Starts, confirms and waits, as often as it takes, always with the same id. */
async function finish(
  api: Api,
  id: string,
  kind: 'top_up' | 'withdraw' | 'transfer' | 'pay',
  input: unknown,
  confirmation: object = { pin: goodPin },
): Promise<OperationShape> {
  let operation = await api.start(kind, input, id as never);
  if (operation.state === 'needs_you') operation = await api.step(id, 'confirm', confirmation);
  for (let i = 0; i < 40 && !['succeeded', 'failed'].includes(operation.state); i += 1) {
    if (operation.state === 'asking') operation = await api.post<OperationShape>(`/v1/operations/${id}/ask`);
    operation = await api.settled(id);
    if (operation.state === 'asking') await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return operation;
}

/** Runs `act` with the wallet dying before its n-th effect; `true` when it died. */
async function dying(n: number, act: () => Promise<unknown>): Promise<boolean> {
  await wallet.arm(n);
  await act().catch(() => undefined);
  for (let i = 0; i < 20 && wallet.alive; i += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  // It may die of the very last effect while it is told to live on.
  const survived =
    wallet.alive &&
    (await wallet.disarm().then(
      () => true,
      () => false,
    ));
  if (!survived) await wallet.start();
  return !survived;
}

/** Every moment of one flow: until a run that its process survives. */
async function everyMoment(attempt: (n: number) => Promise<boolean>): Promise<number> {
  for (let n = 1; n < 60; n += 1) if (!(await attempt(n))) return n;
  throw new Error('it never came through');
}

/** Our clearing accounts and the banks' own books say the same, to the fen, and the ledger proves itself. */
async function expectBooksEqual(): Promise<void> {
  const ours = await wallet.asOwner(async (client) => {
    const found = await client.query<{ owed: string }>(
      'select coalesce(sum(debits_posted - credits_posted), 0)::text as owed from ledger_account where code = 3',
    );
    return BigInt(found.rows[0]?.owed ?? '0');
  });
  expect(await partnerTotal(wallet.sandbox)).toBe(ours);
}

describe('a process that dies before any of its effects', () => {
  test('tops up once', { timeout: 600_000 }, async () => {
    const died = await everyMoment(async (n) => {
      const before = await fen(me);
      const id = newPublicId('op');
      const input = { cardId, amount: yuan('1.00') };
      const crashed = await dying(n, () => finish(me, id, 'top_up', input));
      const end = await finish(me, id, 'top_up', input);
      // A request that surely never left ends without money; every other ends with it, once.
      expect(['succeeded', 'failed', 'asking']).toContain(end.state);
      expect((await fen(me)) - before).toBe(end.state === 'succeeded' ? 100n : 0n);
      if (end.state !== 'asking') await expectBooksEqual();
      if (end.state === 'asking') await settleAsNotSent(id);
      return crashed;
    });
    expect(died).toBeGreaterThan(6);
  });

  test('pays out once', { timeout: 600_000 }, async () => {
    const died = await everyMoment(async (n) => {
      const before = await fen(me);
      const id = newPublicId('op');
      const input = { cardId, amount: yuan('1.00') };
      const crashed = await dying(n, () => finish(me, id, 'withdraw', input));
      const end = await finish(me, id, 'withdraw', input);
      const delta = (await fen(me)) - before;
      // While the bank has not said, the amount is held: it is not available, and it is not gone.
      expect(delta).toBe(end.state === 'failed' ? 0n : -100n);
      if (end.state === 'asking') await settleAsNotSent(id);
      return crashed;
    });
    expect(died).toBeGreaterThan(5);
    await expectBooksEqual();
  });

  test('sends once', { timeout: 600_000 }, async () => {
    const died = await everyMoment(async (n) => {
      const [mine, theirs] = [await fen(me), await fen(other)];
      const id = newPublicId('op');
      const input = { payeePhone: wen.phone, amount: yuan('1.00'), note: 'test' };
      const crashed = await dying(n, () => finish(me, id, 'transfer', input));
      expect((await finish(me, id, 'transfer', input)).state).toBe('succeeded');
      expect([(await fen(me)) - mine, (await fen(other)) - theirs]).toEqual([-100n, 100n]);
      return crashed;
    });
    expect(died).toBeGreaterThan(4);
  });

  test('sends once in one request', { timeout: 600_000 }, async () => {
    const died = await everyMoment(async (n) => {
      const [mine, theirs] = [await fen(me), await fen(other)];
      const body = { id: newPublicId('op'), payeePhone: wen.phone, amount: yuan('1.00'), pin: goodPin };
      const crashed = await dying(n, () => me.post('/v1/transfers', body));
      // The movement and its operation are both there, or neither.
      const there = await me.call<{ state: string }>('GET', `/v1/operations/${body.id}`);
      expect(mine - (await fen(me))).toBe(there.status === 200 ? 100n : 0n);
      if (there.status === 200) expect(there.body.state).toBe('succeeded');
      expect(await me.post<{ state: string }>('/v1/transfers', body)).toMatchObject({ state: 'succeeded' });
      expect([(await fen(me)) - mine, (await fen(other)) - theirs]).toEqual([-100n, 100n]);
      await wallet.asOwner((client) => client.query('delete from attempt_counter'));
      return crashed;
    });
    expect(died).toBeGreaterThan(3);
  });

  test('pays out a batch once', { timeout: 600_000 }, async () => {
    const shop = new Api(wallet.url, wallet.shopKey);
    const orderId = newPublicId('ord');
    await shop.post('/v1/merchant/orders', { id: orderId, amount: yuan('50.00'), description: 'a book' });
    expect((await finish(me, newPublicId('op'), 'pay', { orderId })).state).toBe('succeeded');
    const died = await everyMoment(async (n) => {
      const theirs = await fen(other);
      const payouts = Array.from({ length: 5 }, () => ({
        id: newPublicId('po'),
        payeePhone: wen.phone,
        amount: yuan('0.10'),
      }));
      const batch = { id: newPublicId('pb'), payouts };
      const crashed = await dying(n, () => shop.post('/v1/merchant/payouts', batch));
      const made = await Promise.all(payouts.map(({ id }) => shop.call('GET', `/v1/merchant/payouts/${id}`)));
      const paid = made.filter(({ status }) => status === 200).length;
      expect((await fen(other)) - theirs).toBe(BigInt(paid) * 10n);
      expect(await shop.post<object>('/v1/merchant/payouts', batch)).toMatchObject({ paid: 5, refused: 0 });
      expect((await fen(other)) - theirs).toBe(50n);
      return crashed;
    });
    expect(died).toBeGreaterThan(2);
  });

  test('pays an order once', { timeout: 600_000 }, async () => {
    const shop = new Api(wallet.url, wallet.shopKey);
    const died = await everyMoment(async (n) => {
      const before = await fen(me);
      const orderId = newPublicId('ord');
      await shop.post('/v1/merchant/orders', { id: orderId, amount: yuan('1.00'), description: 'a book' });
      const id = newPublicId('op');
      const crashed = await dying(n, () => finish(me, id, 'pay', { orderId }));
      expect((await finish(me, id, 'pay', { orderId })).state).toBe('succeeded');
      expect((await fen(me)) - before).toBe(-100n);
      expect((await shop.get<{ state: string }>(`/v1/merchant/orders/${orderId}`)).state).toBe('paid');
      return crashed;
    });
    expect(died).toBeGreaterThan(4);
  });

  test('pays an order once without the PIN, and uses the sum of the day once', { timeout: 600_000 }, async () => {
    const shop = new Api(wallet.url, wallet.shopKey);
    await me.put('/v1/me/small-payments', { upTo: yuan('100.00'), pin: goodPin });
    const leftOfDay = async () => {
      const { leftOfDay: left } = await me.get<{ leftOfDay: { minor: string } }>('/v1/me/small-payments');
      return BigInt(left.minor);
    };
    const died = await everyMoment(async (n) => {
      const before = { balance: await fen(me), left: await leftOfDay() };
      const orderId = newPublicId('ord');
      await shop.post('/v1/merchant/orders', { id: orderId, amount: yuan('1.00'), description: 'a book' });
      const id = newPublicId('op');
      const crashed = await dying(n, () => finish(me, id, 'pay', { orderId }, {}));
      expect((await finish(me, id, 'pay', { orderId }, {})).state).toBe('succeeded');
      expect((await fen(me)) - before.balance).toBe(-100n);
      expect((await leftOfDay()) - before.left).toBe(-100n);
      return crashed;
    });
    expect(died).toBeGreaterThan(4);
  });

  test('proves an identity once, and binds a card once', { timeout: 600_000 }, async () => {
    const her = await openWallet(asTest(), chen.phone);
    await everyMoment(async (n) => {
      const id = newPublicId('op');
      const input = { name: chen.name, idNumber: chen.idNumber };
      const crashed = await dying(n, () => her.start('verify_identity', input, id));
      await her.start('verify_identity', input, id);
      expect((await her.settled(id)).state).toBe('succeeded');
      // Tries are counted before the register is asked; that is another test's matter.
      await wallet.asOwner((client) => client.query('delete from attempt_counter'));
      return crashed;
    });
    const [card] = chen.cards;
    if (!card) throw new Error('the sample has a card');
    const died = await everyMoment(async (n) => {
      const id = newPublicId('op');
      const input = { cardNumber: card.number, reservedPhone: card.reservedPhone };
      const bind = async () => {
        await her.start('bind_card', input, id);
        const asked = await her.settled(id);
        if (asked.step === 'code')
          await her.step(id, 'code', { code: await lastCode(wallet.sandbox, card.reservedPhone) });
        return her.settled(id);
      };
      const crashed = await dying(n, bind);
      const end = await bind();
      expect(end.state, JSON.stringify(end.failure)).toBe('succeeded');
      const { cards } = await her.get<{ cards: { id: string }[] }>('/v1/cards');
      expect(cards).toHaveLength(1);
      await her.call('DELETE', `/v1/cards/${cards[0]?.id}`);
      await wallet.asOwner((client) => client.query('delete from attempt_counter'));
      return crashed;
    });
    expect(died).toBeGreaterThan(5);
  });

  test('opens one wallet for a number', { timeout: 600_000 }, async () => {
    let serial = 0;
    const died = await everyMoment(async (n) => {
      serial += 1;
      const phone = `+86139${String(10_000_000 + serial)}`;
      const crashed = await dying(n, () => openWallet(asTest(), phone));
      await openWallet(asTest(), phone).catch(async () => {
        // A code sent within the last minute goes on holding, so it may be asked for again only later; time passes.
        await wallet.asOwner((client) =>
          client.query(`update one_time_code set sent_at = sent_at - interval '2 minutes'`),
        );
        await openWallet(asTest(), phone);
      });
      const found = await wallet.asOwner((client) =>
        client.query<{ n: string }>(
          `select count(*)::text as n from person where phone_masked = $1 and created_at > now() - interval '1 hour'`,
          [`139****${phone.slice(-4)}`],
        ),
      );
      expect(found.rows[0]?.n).toBe('1');
      return crashed;
    });
    expect(died).toBeGreaterThan(4);
  });

  test('resets a PIN once, and the new one is what counts', { timeout: 600_000 }, async () => {
    const give = { payeePhone: wen.phone, amount: yuan('1.00') };
    expect((await finish(me, newPublicId('op'), 'transfer', give)).state).toBe('succeeded');
    const died = await everyMoment(async (n) => {
      const id = newPublicId('op');
      const fresh = n % 2 === 0 ? '618305' : '830274';
      const reset = async () => {
        await other.start('reset_pin', { name: wen.name, idNumber: wen.idNumber }, id);
        let now = await other.settled(id);
        if (now.step === 'code')
          now = await other.step(id, 'code', { code: await lastCode(wallet.sandbox, wen.phone) });
        if (now.step === 'pin') now = await other.step(id, 'pin', { pin: fresh });
        return now;
      };
      const crashed = await dying(n, reset);
      const end = await reset();
      expect(end.state, JSON.stringify(end.failure)).toBe('succeeded');
      await wallet.asOwner(async (client) => {
        await client.query('delete from attempt_counter');
        await client.query(`update one_time_code set sent_at = sent_at - interval '1 hour'`);
      });
      const body = { id: newPublicId('op'), payeePhone: ming.phone, amount: yuan('0.01'), pin: fresh };
      expect(await other.post<{ state: string }>('/v1/transfers', body)).toMatchObject({ state: 'succeeded' });
      return crashed;
    });
    expect(died).toBeGreaterThan(4);
  });
});

/** Lets the time in which the bank would still carry the request out pass, and asks again: not found is final then. */
async function settleAsNotSent(id: string): Promise<void> {
  await wallet.asOwner(async (client) => {
    await client.query(
      `update operation set data = jsonb_set(data, '{validUntil}', to_jsonb((now() - interval '2 minutes')::text)), wake_at = now()
       where ended_at is null and state = 'asking'`,
    );
  });
  await me.post(`/v1/operations/${id}/ask`);
  await until(async () => (await me.operation(id)).state !== 'asking', 'an end');
  expect(await me.settled(id)).toMatchObject({ state: 'failed', moneyMoved: 'no' });
  await expectBooksEqual();
}
