/**
 * The first minute of a wallet, through nothing but the public API.
 *
 *   node examples/first-minute.ts [wallet] [sandbox desk] [shop]
 *
 * With the addresses that `npm start` prints as defaults. The sandbox's desk stands for the person's phone, on which the
 * codes arrive. It opens the wallets of two sample people, so run it once on a fresh sandbox.
 */
const [walletUrl = 'http://localhost:7070', deskUrl = 'http://localhost:7071', shopUrl = 'http://localhost:7072'] =
  process.argv.slice(2);

type Json = Record<string, never> & { [key: string]: unknown };
type Operation = {
  id: string;
  state: string;
  step: string;
  failure: null | { title: string; detail: string };
  result: Json | null;
};
type Sample = {
  name: string;
  idNumber: string;
  phone: string;
  cards: { bankCode: string; number: string; reservedPhone: string }[];
};
type Money = { minor: string; currency: string };

let token = '';

/** One request. A refusal comes as a problem document: what happened, whose it is, what to do. */
async function call<T>(method: string, url: string, body?: unknown): Promise<T> {
  const answer = await fetch(url, {
    method,
    headers: {
      'accept-language': 'en',
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const content = text === '' ? {} : (JSON.parse(text) as { title?: string; detail?: string });
  if (!answer.ok)
    throw new Error(
      `${method} ${url}: ${answer.status} ${'title' in content ? `${content.title}. ${content.detail}` : text}`,
    );
  return content as T;
}
const wallet = <T>(method: string, path: string, body?: unknown) => call<T>(method, `${walletUrl}${path}`, body);

/** The caller makes the id of what it asks for: a UUIDv7 in base32. Asking twice with one id is asking once. */
function newOperationId(): string {
  const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const now = BigInt(Date.now());
  for (let i = 0; i < 6; i += 1) bytes[i] = Number((now >> BigInt(40 - 8 * i)) & 255n);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  let value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  let text = '';
  for (let i = 0; i < 26; i += 1, value >>= 5n) text = alphabet[Number(value & 31n)] + text;
  return `op_${text}`;
}

const start = (kind: string, input: unknown) =>
  wallet<Operation>('POST', '/v1/operations', { id: newOperationId(), kind, input });
const step = (id: string, name: string, input: unknown) =>
  wallet<Operation>('POST', `/v1/operations/${id}/steps/${name}`, input);

/** Waits until the operation has something to say. */
async function settled(id: string): Promise<Operation> {
  for (;;) {
    const operation = await wallet<Operation>('GET', `/v1/operations/${id}?waitMs=5000`);
    if (operation.state === 'failed') throw new Error(`${operation.failure?.title}. ${operation.failure?.detail}`);
    if (operation.state !== 'working') return operation;
  }
}

async function codeOn(phone: string): Promise<string> {
  const { messages } = await call<{ messages: { code: string }[] }>('GET', `${deskUrl}/desk/phones/${phone}/messages`);
  const [newest] = messages;
  if (!newest) throw new Error(`no message on ${phone}`);
  return newest.code;
}

const yuan = ({ minor }: Money) => `¥${(Number(minor) / 100).toFixed(2)}`;
const fen = (amount: number): Money => ({ minor: String(amount), currency: 'CNY' });
const balance = async () => yuan((await wallet<{ available: Money }>('GET', '/v1/balance')).available);
const say = (sentence: string) => console.log(sentence);
const PIN = '492715';

async function openWallet(person: Sample): Promise<void> {
  token = (await wallet<{ token: string }>('POST', '/v1/visits', {})).token;
  const opening = await start('open_wallet', { phone: person.phone, language: 'en' });
  await settled(opening.id);
  await step(opening.id, 'code', { code: await codeOn(person.phone) });
  await settled(opening.id);
  token = (await wallet<{ token: string }>('POST', '/v1/sessions', { operationId: opening.id })).token;
  say(`A wallet is open for ${person.phone.slice(0, 6)}…${person.phone.slice(-2)}; the code came by SMS.`);
  await settled((await start('verify_identity', { name: person.name, idNumber: person.idNumber })).id);
  await wallet('PUT', '/v1/me/payment-pin', { pin: PIN });
  const me = await wallet<{ nameMasked: string; accountClass: number }>('GET', '/v1/me');
  say(`The register knows ${me.nameMasked}. The account is of class ${me.accountClass} and has a payment PIN.`);
}

async function confirmed(kind: string, input: unknown): Promise<Operation> {
  const begun = await start(kind, input);
  await step(begun.id, 'confirm', { pin: PIN });
  return settled(begun.id);
}

const samples = (await call<{ people: Sample[] }>('GET', `${deskUrl}/desk/samples`)).people;
const [me, friend] = samples;
const card = me?.cards.find((each) => each.bankCode === 'ICBC');
if (!me || !friend || !card) throw new Error('the sandbox has no sample people');

await openWallet(friend);
say('');
await openWallet(me);
say('');

const binding = await start('bind_card', { cardNumber: card.number, reservedPhone: card.reservedPhone });
await settled(binding.id);
await step(binding.id, 'code', { code: await codeOn(card.reservedPhone) });
const bound = await settled(binding.id);
const cardId = String(bound.result?.['cardId']);
say(`ICBC compared four details, sent its own code, and the card …${card.number.slice(-4)} is bound.`);
say(`With the bank as a further witness the account is of class ${String(bound.result?.['accountClass'])}.`);

await confirmed('top_up', { cardId, amount: fen(50_000) });
say(`Topped up ¥500.00 from the card. Balance: ${await balance()}.`);

const order = await call<{ id: string; payUrl: string }>('POST', `${shopUrl}/orders`, { item: 'hongloumeng' });
const orderId = order.payUrl.split('/').at(-1);
const due = await wallet<{ merchantName: string; description: string; amount: Money }>('GET', `/v1/orders/${orderId}`);
say(`The shop shows a code: ${due.description}, ${yuan(due.amount)}, to ${due.merchantName}.`);
await confirmed('pay', { orderId });
say(`Paid. Balance: ${await balance()}.`);
for (let i = 0; i < 50; i += 1) {
  const told = await call<{ state: string }>('GET', `${shopUrl}/orders/${order.id}`);
  if (told.state === 'paid') {
    say('A signed webhook told the shop, and it shows the order as paid.');
    break;
  }
  await new Promise((resolve) => setTimeout(resolve, 200));
}

const payee = await wallet<{ nameMasked: string }>('POST', '/v1/payees', { phone: friend.phone });
say(`The number of a friend belongs to ${payee.nameMasked}: the name is checked before money is sent.`);
await confirmed('transfer', { payeePhone: friend.phone, amount: fen(10_000), note: 'lunch' });
say(`Sent ¥100.00. Balance: ${await balance()}.`);
say('');

type Line = { kind: string; counterparty: string; amount: Money; direction: string; balanceAfter: Money };
const { transactions } = await wallet<{ transactions: Line[] }>('GET', '/v1/transactions');
for (const line of transactions) {
  const sign = line.direction === 'in' ? '+' : '−';
  say(
    `${line.kind.padEnd(13)}${line.counterparty.padEnd(14)}${(sign + yuan(line.amount)).padStart(10)}${yuan(line.balanceAfter).padStart(11)}`,
  );
}
say('');

try {
  await start('transfer', { payeePhone: friend.phone, amount: fen(1_000_000) });
} catch (error) {
  say(`And when it cannot be: ${String((error as Error).message).replace(/^.*?: 4\d\d /, '')}`);
}
