import { expect, test } from 'vitest';
import type { OperationShape } from '../../src/contract/operations.ts';
import { newPublicId, yuan } from '../support/api.ts';
import { ming, mingsCard } from '../support/samples.ts';
import { bindCard, goodPin, openVerified, startWallet } from '../support/wallet.ts';

test('who waits for a change when the wallet stops is answered at once, with the operation as it is', async () => {
  const wallet = await startWallet();
  let isClosed = false;
  try {
    const me = await openVerified(wallet, ming);
    const cardId = await bindCard(wallet, me, mingsCard);
    await wallet.sandbox.setBehaviour('ICBC', { mode: 'silent' });
    const id = newPublicId('op');
    await me.start('top_up', { cardId, amount: yuan('5.00') }, id);
    await me.step(id, 'confirm', { pin: goodPin });
    const waiting = me.call<OperationShape>('GET', `/v1/operations/${id}?waitMs=20000`);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const began = performance.now();
    isClosed = true;
    const [answer] = await Promise.all([waiting, wallet.close()]);
    expect(answer.status).toBe(200);
    expect(['working', 'asking']).toContain(answer.body.state);
    // Ten seconds are for what is under way: here a question to a bank that does not answer.
    expect(performance.now() - began).toBeLessThan(15_000);
  } finally {
    if (!isClosed) await wallet.close();
  }
});
