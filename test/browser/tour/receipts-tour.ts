import en from '../../../web/verify/words/en.json' with { type: 'json' };
import zh from '../../../web/verify/words/zh-CN.json' with { type: 'json' };
import type { LedgerReceipt } from '../../../src/contract/receipt.ts';
import type { Walker } from '../flows/walker.ts';
import type { Tour } from './steps.ts';

const words = { 'zh-CN': zh, en };

/** The page that checks receipts without any server: nothing in hand, one that holds, one that was changed. */
export async function tourReceipts({ view, look, zhous }: Tour): Promise<void> {
  const walker = await zhous();
  const { page } = walker;
  const say = words[view.language ?? 'zh-CN'];
  const receipt = await newestReceipt(walker);
  await walker.goTo('/verify.html');
  await page.locator('#file').waitFor({ state: 'attached' });
  await look(walker, 'check-empty');
  await put(walker, 'receipt.json', receipt);
  await page.locator('.chip-good', { hasText: say.holds }).waitFor();
  await look(walker, 'check-holds');
  await page.locator('summary').click();
  await look(walker, 'check-path');
  await put(walker, 'receipt.json', { ...receipt, transfer: { ...receipt.transfer, amount: '999900' } });
  await page.locator('#verdict', { hasText: say.problem.entry }).waitFor();
  await look(walker, 'check-fails');
  await put(walker, 'holiday.json', { nothing: 'of the kind' });
  await page.getByRole('alert').waitFor();
  await look(walker, 'check-unknown');
}

async function newestReceipt({ page, url }: Walker): Promise<LedgerReceipt> {
  const list = (await (await page.request.get(`${url}/v1/transactions`)).json()) as { transactions: { id: string }[] };
  const answer = await page.request.get(`${url}/v1/transactions/${list.transactions[0]?.id ?? ''}/receipt`);
  return (await answer.json()) as LedgerReceipt;
}

const put = ({ page }: Walker, name: string, content: unknown): Promise<void> =>
  page
    .locator('#file')
    .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(content)) });
