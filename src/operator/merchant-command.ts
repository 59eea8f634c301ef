import type { Config } from '../config.ts';
import {
  listMerchants,
  registerMerchant,
  replaceApiKey,
  replaceWebhook,
  setMerchantState,
  type MerchantLine,
} from '../features/merchants/register-merchant.ts';
import { fromPublicId, toPublicId, type Uuid } from '../kernel/ids.ts';
import type { Secret } from '../kernel/masked.ts';
import { createAccounts } from '../ledger/create-accounts.ts';
import { atDesk, type Desk } from './open-desk.ts';
import { command } from './print-case.ts';
import { refuse } from './refuse.ts';

type Print = (line: string) => void;

const merchantUse = [
  'merchant add <name> [--webhook <address>]   makes a merchant; its key and secret are shown once',
  'merchant list                               all of them, with what could not be delivered',
  'merchant new-key <merchant>                 another API key; the one before is worth nothing at once',
  'merchant webhook <merchant> <address>       another address for events, with another secret',
  'merchant close <merchant>                   its key is refused, its orders cannot be paid; its money stays',
  'merchant open <merchant>                    opens it again',
];
/** How many words each takes after its name. */
const takes: Readonly<Record<string, readonly number[]>> = {
  add: [1, 3],
  list: [0],
  'new-key': [1],
  webhook: [2],
  close: [1],
  open: [1],
};

/** `purser merchant …`: who may ask for orders and payouts. Works beside a running wallet and without one. */
export async function merchant(config: Config, words: readonly string[], print: Print): Promise<void> {
  const [what = '', ...rest] = words;
  if (!Object.hasOwn(takes, what) || !takes[what]?.includes(rest.length)) throw refuse('There is:', ...merchantUse);
  const [first = '', second = '', third = ''] = rest;
  if (what === 'add') {
    if (rest.length === 3 && second !== '--webhook') throw refuse('There is:', ...merchantUse);
    const name = readName(first);
    const webhookUrl = rest.length === 3 ? readAddress(config, third) : undefined;
    await atDesk(config, (desk) => add(desk, { name, webhookUrl }, print));
    return;
  }
  const id = what === 'list' ? undefined : readMerchantId(first);
  const url = what === 'webhook' ? readAddress(config, second) : '';
  await atDesk(config, async (desk) => {
    if (id === undefined) printAll(await listMerchants(desk.database), print);
    else if (!(await change(desk, { what, id, url }, print)))
      throw refuse(`There is no merchant ${first}. See: ${command} merchant list`);
  });
}

function readName(text: string): string {
  const name = text.trim();
  if (name === '' || [...name].length > 40 || /\p{Cc}/u.test(name)) {
    throw refuse('A name is what payers read, 1 to 40 letters: merchant add "Corner Books"');
  }
  return name;
}

/** The sandbox may call programs on this machine; a live wallet calls the open internet only. */
function readAddress({ mode }: Config, text: string): string {
  const url = URL.parse(text);
  const good = url && (url.protocol === 'https:' || (mode === 'sandbox' && url.protocol === 'http:'));
  if (good && url.username === '' && url.password === '' && (mode === 'sandbox' || url.port === '')) return url.href;
  throw refuse(
    mode === 'sandbox'
      ? `"${text}" is no address that can be called: give one such as http://127.0.0.1:8080/purser`
      : `"${text}" is no address that can be called: give one with https, without a port, such as https://shop.example/purser`,
  );
}

function readMerchantId(text: string): Uuid {
  const id = fromPublicId('mer', text);
  if (!id) throw refuse(`"${text}" is no merchant’s id; they begin with mer_. See: ${command} merchant list`);
  return id;
}

const booksOf = ({ database }: Desk) => ({
  ledger: {
    createAccounts: (accounts: Parameters<typeof createAccounts>[1]) => createAccounts(database.pool, accounts),
  },
});

function printSecrets(print: Print, apiKey: Secret | undefined, webhookSecret: Secret | undefined): void {
  print('Shown this once:');
  if (apiKey) print(`  API key         ${apiKey.reveal()}`);
  if (webhookSecret) print(`  webhook secret  ${webhookSecret.reveal()}`);
}

async function add(desk: Desk, asked: { name: string; webhookUrl: string | undefined }, print: Print): Promise<void> {
  const { id, apiKey, webhookSecret } = await registerMerchant({ ...desk, ...booksOf(desk) }, asked);
  print(`${asked.name} is a merchant: ${toPublicId('mer', id)}`);
  printSecrets(print, apiKey, webhookSecret);
  if (!asked.webhookUrl) print('It is told of no events and asks about its orders: no --webhook was given.');
}

/** False when there is no such merchant. */
async function change(
  desk: Desk,
  { what, id, url }: { what: string; id: Uuid; url: string },
  print: Print,
): Promise<boolean> {
  switch (what) {
    case 'new-key': {
      const apiKey = await replaceApiKey(desk, id);
      if (!apiKey) return false;
      print('The key before is worth nothing from now on.');
      printSecrets(print, apiKey, undefined);
      return true;
    }
    case 'webhook': {
      const secret = await replaceWebhook({ ...desk, ...booksOf(desk) }, id, url);
      if (!secret) return false;
      print(`Events go to ${url} from now on, those that could not be delivered too.`);
      printSecrets(print, undefined, secret);
      return true;
    }
    default: {
      const state = what === 'close' ? 'closed' : 'open';
      if (!(await setMerchantState(desk.database, id, state))) return false;
      print(state === 'open' ? 'It is open.' : 'It is closed: its key is refused and its orders cannot be paid.');
      return true;
    }
  }
}

function printAll(merchants: readonly MerchantLine[], print: Print): void {
  if (merchants.length === 0) print(`There is no merchant yet. Make one: ${command} merchant add "Corner Books"`);
  for (const { id, name, state, webhookUrl, undelivered } of merchants) {
    print(`${toPublicId('mer', id)}  ${state.padEnd(6)}  ${name}`);
    print(`  events   ${webhookUrl ?? 'told to nobody'}${undelivered > 0 ? `; ${undelivered} given up` : ''}`);
  }
}
