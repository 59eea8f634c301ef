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
    await me.stepOnce(id, 'confirm', { pin: goodPin });
    const { operations } = wallet.app.wallet;
    const { waitForChange } = operations;
    const began = Promise.withResolvers<number>();
    operations.waitForChange = (...asked) => {
      began.resolve(performance.now());
      return waitForChange(...asked);
    };
    const asked = me.call<OperationShape>('GET', `/v1/operations/${id}?waitMs=20000`);
    const waiting = asked.then((answer) => ({ ...answer, at: performance.now() }));
    const beganAt = await began.promise;
    isClosed = true;
    const [answer] = await Promise.all([waiting, wallet.close()]);
    expect(answer.status).toBe(200);
    expect(['working', 'asking']).toContain(answer.body.state);
    // Nobody sat out the twenty seconds. Ten are for what is under way: here a question to a bank that is silent.
    expect(answer.at - beganAt).toBeLessThan(19_000);
  } finally {
    if (!isClosed) await wallet.close();
  }
});
