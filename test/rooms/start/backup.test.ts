import { execFile } from 'node:child_process';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addressOf, root, ServedRoom, statusOf } from '../../support/served.ts';

// What docs/operator.md says of backup and restore, done as it says.

let room: ServedRoom;
let restored: ServedRoom;
beforeEach(async () => {
  [room, restored] = await Promise.all([ServedRoom.open(), ServedRoom.open()]);
});
afterEach(() => Promise.all([room.close(), restored.close()]));

const anybody = async <T>(from: ServedRoom, path: string): Promise<T> =>
  (await (await fetch(addressOf(from.ports.PURSER_PORT, path))).json()) as T;
const newestHead = async (from: ServedRoom) =>
  (await anybody<{ heads: { size: number }[] }>(from, '/v1/ledger/heads?limit=1')).heads[0];

async function keep(name: string, content: unknown): Promise<string> {
  const path = join(room.folder, name);
  await writeFile(path, JSON.stringify(content));
  return path;
}

/** The story of the examples: two wallets, a card, a top-up, a payment, a transfer. */
async function liveABit({ ports }: ServedRoom): Promise<void> {
  const urls = [ports.PURSER_PORT, ports.PURSER_SANDBOX_PORT, ports.PURSER_SHOP_PORT].map((port) =>
    addressOf(port, ''),
  );
  await promisify(execFile)(process.execPath, ['examples/first-minute.ts', ...urls], { cwd: root });
}

/** A movement more, with its receipt: the shop pays a wallet out of what it was paid. */
async function liveOn({ ports }: ServedRoom): Promise<unknown> {
  const call = async <T>(port: string, path: string, body: object, token?: string): Promise<T> => {
    const headers = { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) };
    const answer = await fetch(addressOf(port, path), { method: 'POST', headers, body: JSON.stringify(body) });
    return (await answer.json()) as T;
  };
  const { shopApiKey } = JSON.parse(await readFile(join(room.folder, 'secrets.json'), 'utf8')) as {
    shopApiKey: string;
  };
  const samples = (await (await fetch(addressOf(ports.PURSER_SANDBOX_PORT, '/desk/samples'))).json()) as {
    people: { phone: string }[];
  };
  const payout = {
    id: 'po_01kkp8vfd0f6vsw1y9c3x5n2ka',
    payeePhone: samples.people[0]?.phone,
    amount: { minor: '100', currency: 'CNY' },
  };
  const batch = { id: 'pb_01kkp8vfczf2wr5s8d0k7j3xnm', payouts: [payout] };
  expect(await call(ports.PURSER_PORT, '/v1/merchant/payouts', batch, shopApiKey)).toMatchObject({ paid: 1 });
  const receipt = addressOf(ports.PURSER_PORT, `/v1/merchant/payouts/${payout.id}/receipt`);
  return (await fetch(receipt, { headers: { authorization: `Bearer ${shopApiKey}` } })).json();
}

test('a copy of the stopped wallet is the wallet, and a head that was kept tells what the copy lacks', async () => {
  const often = { PURSER_SEAL_SECONDS: '1' };
  const first = room.start(often);
  await room.untilReady(first);
  await liveABit(room);
  await expect.poll(() => newestHead(room)).toBeDefined();
  const early = await newestHead(room);
  const earlyFile = await keep('early.json', early);
  first.child.kill('SIGTERM');
  await first.ended;
  await cp(room.folder, restored.folder, { recursive: true, preserveTimestamps: true });
  const again = room.start(often);
  await room.untilReady(again);
  // A receipt holds a head that covers its entry, which the copy does not have.
  const lateFile = await keep('late.json', await liveOn(room));
  again.child.kill('SIGTERM');
  await again.ended;

  const checked = await restored.run(['check-ledger', '--head', earlyFile]);
  expect(checked).toMatchObject({
    code: 0,
    says: expect.stringMatching(/The books are right: [\s\S]*yours among them/),
  });
  const behind = await restored.run(['check-ledger', '--head', lateFile]);
  expect(behind).toMatchObject({ code: 1, says: expect.stringMatching(/not what was signed/) });
  const whole = await room.run(['check-ledger', '--head', earlyFile, '--head', lateFile]);
  expect(whole).toMatchObject({ code: 0 });

  const copy = restored.start();
  await restored.untilReady(copy);
  expect(await statusOf(restored.ports.PURSER_PORT, '/health/ready')).toBe(200);
  expect((await newestHead(restored))?.size).toBeGreaterThanOrEqual(early?.size ?? 0);
});
