import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { stateOf } from './bank-routes.ts';
import { type Behaviours, modes, readBehaviour } from './behaviours.ts';
import { addFont } from './font.ts';
import { readBooks, resetBooks, setBalance } from './books.ts';
import type { Clock } from './clock.ts';
import { messagesOf, newestMessages } from './messages.ts';
import { banks, cardStates, findSampleBank, people, undeliverablePhone, unknownCardNumber } from './samples.ts';
import type { Store } from './store.ts';

/** The desk: where people and tests see and change the world outside. It is not part of the line and signs nothing. */

type Dependencies = { store: Store; clock: Clock; behaviours: Behaviours };

function readSamples({ store }: Dependencies) {
  const rows = store.all(
    `select cards.*, cast(coalesce(balance, 0) as text) as shown_balance from cards
     left join accounts on accounts.bank = cards.bank and accounts.name = 'card:' || cards.number order by place`,
  );
  const cards = rows.map((row) => ({
    bankCode: row['bank'],
    bankName: findSampleBank(String(row['bank']))?.name,
    bank: findSampleBank(String(row['bank']))?.short,
    number: String(row['number']),
    kind: row['kind'],
    state: row['state'],
    balance: row['shown_balance'],
    reservedPhone: row['phone'],
    holder: row['holder'],
    note: row['note'],
    noteEn: row['note_en'],
    offered: row['offered'] === 1n,
  }));
  return {
    people: people.map(({ name, idNumber, phone, note, noteEn }) => ({
      ...{ name, idNumber, phone, note, noteEn },
      cards: cards.filter(({ holder }) => holder === name),
    })),
    /** The ones to try first, for whoever has room for a few lines. */
    cards: cards.filter(({ offered }) => offered).map((card) => ({ ...card, about: card.noteEn })),
    unknownCardNumber,
    undeliverablePhone,
    cardStates: ['normal', ...Object.keys(cardStates)],
    cardStateNotes: cardStates,
  };
}

function readState({ store, behaviours }: Dependencies) {
  return {
    banks: banks.map((bank) => {
      const behaviour = behaviours.look(`bank:${bank.code}`);
      return { ...bank, behaviour, ...stateOf(behaviour) };
    }),
    registry: behaviours.look('registry'),
    sms: behaviours.look('sms'),
    modes,
    messages: newestMessages(store),
  };
}

const FILES: Readonly<Record<string, readonly [file: string, type: string]>> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  // The tokens of the web app: one file for all that people see.
  '/desk/tokens.css': ['../../web/ui/tokens.css', 'text/css; charset=utf-8'],
  '/desk/desk.css': ['desk.css', 'text/css; charset=utf-8'],
  '/desk/desk.js': ['desk.js', 'text/javascript; charset=utf-8'],
  '/desk/world.js': ['world.js', 'text/javascript; charset=utf-8'],
  '/desk/people.js': ['people.js', 'text/javascript; charset=utf-8'],
  '/desk/banks.js': ['banks.js', 'text/javascript; charset=utf-8'],
  '/desk/elements.js': ['elements.js', 'text/javascript; charset=utf-8'],
  '/desk/words.js': ['words.js', 'text/javascript; charset=utf-8'],
};

function addPage(app: FastifyInstance): void {
  addFont(app);
  app.addHook('onSend', async (_request, reply) => {
    reply.headers({
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; font-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      ...(reply.hasHeader('cache-control') ? {} : { 'cache-control': 'no-store' }),
    });
  });
  for (const [path, [file, type]] of Object.entries(FILES)) {
    app.get(path, async (_request, reply) =>
      reply.type(type).send(await readFile(new URL(`desk/${file}`, import.meta.url))),
    );
  }
}

/** A page of somebody else must not switch our banks. */
function refuseStrangers(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    const { origin, host } = request.headers;
    if (request.method === 'GET' || origin === undefined || URL.parse(origin)?.host === host) return undefined;
    return reply.code(403).send({ error: 'only the desk itself' });
  });
}

export async function addDesk(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { store, clock, behaviours } = deps;
  refuseStrangers(app);
  addPage(app);
  app.get('/desk/samples', async () => readSamples(deps));
  app.get('/desk/state', async () => readState(deps));
  app.get('/desk/books', async () => readBooks(store, 200));
  app.get<{ Params: { phone: string } }>('/desk/phones/:phone/messages', async ({ params: { phone } }) => ({
    phone,
    messages: messagesOf(store, phone),
  }));
  const addSwitch = (path: string, targetOf: (code: string) => string | undefined) =>
    app.post<{ Params: { code?: string } }>(path, async ({ params, body }, reply) => {
      const target = targetOf(params.code ?? '');
      if (!target) return reply.code(404).send({ error: 'no such bank' });
      const behaviour = readBehaviour(body, clock);
      if (typeof behaviour === 'string') return reply.code(400).send({ error: behaviour });
      behaviours.set(target, behaviour);
      return behaviours.look(target);
    });
  addSwitch('/desk/banks/:code/behaviour', (code) => (findSampleBank(code) ? `bank:${code}` : undefined));
  addSwitch('/desk/registry/behaviour', () => 'registry');
  addSwitch('/desk/sms/behaviour', () => 'sms');
  app.post<{ Params: { number: string } }>('/desk/cards/:number', async ({ params: { number }, body }, reply) => {
    const wrong = setCard(deps, number, body);
    return wrong === undefined ? { number } : reply.code(400).send({ error: wrong });
  });
  app.post('/desk/reset', async () => {
    resetBooks(store, clock);
    return { reset: true };
  });
}

/** Changes a card; a text says what is wrong with the change. */
function setCard({ store, clock }: Dependencies, number: string, body: unknown): string | undefined {
  const { state, balance } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  return store.transaction(() => {
    const card = store.get('select bank from cards where number = ?', number);
    if (!card) return 'no such card';
    if (state !== undefined && !(typeof state === 'string' && (state === 'normal' || Object.hasOwn(cardStates, state))))
      return 'no such state';
    if (balance !== undefined && !(typeof balance === 'string' && /^[0-9]{1,15}$/.test(balance)))
      return 'balance is a whole number of fen, as text';
    if (typeof state === 'string') store.run('update cards set state = ? where number = ?', state, number);
    if (typeof balance === 'string') setBalance(store, clock, String(card['bank']), number, BigInt(balance));
    return undefined;
  });
}
