import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordEvent } from '../../src/features/merchants/tell-merchant.ts';
import { saveMerchant } from '../../src/features/merchants/merchant.ts';
import { newId, type Uuid } from '../../src/kernel/ids.ts';
import { secret } from '../../src/kernel/masked.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { systemRandom } from '../../src/kernel/random.ts';
import { asOwner } from '../support/told.ts';
import { until } from '../support/until.ts';
import { startWallet, type TestWallet } from '../support/wallet.ts';

/** Events on their way to merchants: one whose address is silent keeps none of the others waiting. */

let wallet: TestWallet;
let silent: Server;
let hearing: Server;
const heard: string[] = [];

beforeAll(async () => {
  wallet = await startWallet();
  silent = createServer(() => undefined);
  hearing = createServer((request, response) => {
    heard.push(String(request.headers['webhook-id']));
    request.resume();
    response.writeHead(204).end();
  });
  for (const server of [silent, hearing]) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  silent.closeAllConnections();
  await wallet.close();
  for (const server of [silent, hearing]) await new Promise((resolve) => server.close(resolve));
});

const portOf = (server: Server) => (server.address() as AddressInfo).port;
async function shopAt(server: Server, name: string): Promise<Uuid> {
  const id = newId(systemClock, systemRandom);
  const webhookUrl = `http://127.0.0.1:${portOf(server)}/`;
  const keys = { apiKey: secret(`purser_${id}`), webhookSecret: secret(`whsec_${Buffer.from(id).toString('base64')}`) };
  await saveMerchant(wallet.app.ground, { id, name, webhookUrl, ...keys });
  return id;
}
const tell = (merchantId: Uuid, count: number) =>
  wallet.app.ground.database.transaction(async (tx) => {
    for (let i = 0; i < count; i += 1) {
      const now = systemClock.now();
      await recordEvent(tx, { id: newId(systemClock, systemRandom), merchantId, type: 'order.paid', data: { i }, now });
    }
  });

test('a shop that is silent, with many events waiting, delays no other shop', async () => {
  const mute = await shopAt(silent, '不说话的店');
  const ready = await shopAt(hearing, '听得见的店');
  await tell(mute, 60);
  await until(async () => {
    const found = await asOwner(wallet, (client) =>
      client.query('select 1 from webhook_delivery where merchant_id = $1 and lease_until > now()', [mute]),
    );
    return found.rows.length > 0;
  }, 'a silent delivery');
  await tell(ready, 6);
  await until(() => heard.length >= 6, 'all events');
  // Many events of the silent shop, which came before, have not even been tried by then.
  const untried = await asOwner(wallet, (client) =>
    client.query('select 1 from webhook_delivery where merchant_id = $1 and attempts = 0', [mute]),
  );
  expect(untried.rows.length).toBeGreaterThan(0);
  expect(new Set(heard).size).toBe(6);
});
