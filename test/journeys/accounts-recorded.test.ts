import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/kernel/clock.ts';
import { openOperatorRoom, openOperators, type OperatorRoom, type Operators } from '../support/operator-room.ts';
import { ming } from '../support/samples.ts';
import { openFunded, startWallet, type TestWallet } from '../support/wallet.ts';

let wallet: TestWallet;
let room: OperatorRoom;
let operators: Operators;

beforeAll(async () => {
  wallet = await startWallet({ clock: systemClock });
  room = await openOperatorRoom(wallet);
  operators = await openOperators(room, ['zhang.wei', 'li.na']);
  await openFunded(wallet, '100.00');
});
afterAll(async () => {
  await wallet.close();
  await room.close();
});

/** What differs from run to run. */
const steady = (text: string): string =>
  text
    .replace(/acc_[0-9a-z]{26}/g, 'acc_…')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d UTC( \(\d+ (min|h|d)\))?/g, 'then')
    .replace(/an answer by .*\./g, 'an answer by then.')
    .replace(/最晚 .* 有答复/g, '最晚那时有答复');

test('the session in the documentation is what the commands say', async () => {
  const said: string[] = [];
  const type = async (who: string, line: string): Promise<void> => {
    const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
    said.push(`${who}$ purser account ${line}`, await operators.account(who, ...words), '');
  };
  const phone = ming.phone.slice(3);
  await type('zhang.wei', `show ${phone}`);
  await type('zhang.wei', `freeze ${phone} --security --because "called: three payments are not his"`);
  await type('zhang.wei', `show ${phone}`);
  await type('zhang.wei', `lift ${phone} --because "came with the ID card, knows the last payments"`);
  await type('li.na', `confirm ${phone} --lift --because "saw the ID card myself, the photo is him"`);
  await type('li.na', `show ${phone}`);
  const guide = await readFile(new URL('../../docs/operator.md', import.meta.url), 'utf8');
  const recorded = /<!-- recorded -->\n\n```\n([\s\S]*?)\n```/.exec(guide)?.[1] ?? '';
  expect(steady(said.join('\n').trim())).toBe(steady(recorded));
});
