/* The desk's page: looks once a second, and draws anew only what has changed. */
import { drawBanks } from './banks.js';
import { ask, localPhone, make, yuan } from './elements.js';
import { drawPeople } from './people.js';
import { bankName, bankOf, bankPlate, copyButton, draw, find, inEnglish, timeOf, words, world } from './world.js';

const LOOK_EVERY_MS = 1000;

function drawPhones(force) {
  const phones = Map.groupBy(world.state.messages, (message) => message.to);
  draw(
    'phones-list',
    [world.state.messages, world.samples.people.length],
    () => {
      if (phones.size === 0)
        return [make('div', { class: 'panel' }, make('p', { class: 'empty' }, words().noMessages))];
      return [...phones].map(([phone, messages]) => {
        const owner = world.samples.people.find((person) => person.phone === phone)?.name;
        const [first, ...older] = messages;
        return make(
          'article',
          { class: 'panel' },
          make(
            'div',
            { class: 'row' },
            make('span', { class: 'main strong num' }, localPhone(phone)),
            make('span', { class: 'note' }, owner ?? ''),
          ),
          messageRow(first, true),
          older.slice(0, 3).map((message) => messageRow(message, false)),
        );
      });
    },
    force,
  );
}

function messageRow(message, newest) {
  return make(
    'div',
    { class: newest ? 'row fresh' : 'row' },
    make(
      'div',
      { class: 'main' },
      newest && message.code ? make('p', { class: 'code' }, message.code) : undefined,
      make('p', { class: 'note' }, message.text),
      make('p', { class: 'note' }, timeOf(message.at)),
    ),
    message.code ? copyButton(message.code, words().code) : undefined,
  );
}

function accountName(name) {
  if (name === 'partner') return words().partnerShort;
  return name === 'outside' ? words().outside : `•••• ${name.slice(-4)}`;
}

function drawBooks(force) {
  draw(
    'books-list',
    world.books,
    () => {
      const balanced = world.books.banks.every((bank) => bank.sum === '0');
      const chip = make(
        'span',
        { class: balanced ? 'chip chip-good' : 'chip chip-stop' },
        balanced ? words().adds : words().addsNot,
      );
      return [
        make(
          'div',
          { class: 'panel' },
          make(
            'div',
            { class: 'row' },
            make(
              'div',
              { class: 'main' },
              make('p', { class: 'note' }, words().partner),
              make('p', { class: 'total' }, `¥ ${yuan(world.books.partnerBalance)}`),
            ),
            chip,
          ),
          world.books.banks
            .filter((bank) => bank.partnerBalance !== '0')
            .map((bank) =>
              make(
                'div',
                { class: 'row' },
                bankPlate(bank.bankCode),
                make('span', { class: 'main' }, bankName(bankOf(bank.bankCode))),
                make('span', { class: 'end num strong' }, yuan(bank.partnerBalance)),
              ),
            ),
        ),
        make(
          'div',
          { class: 'panel' },
          world.books.entries.length === 0
            ? make('p', { class: 'empty' }, words().noEntries)
            : world.books.entries.slice(0, 20).map(entryRow),
        ),
      ];
    },
    force,
  );
}

const entryRow = (entry) =>
  make(
    'div',
    { class: 'row' },
    bankPlate(entry.bank),
    make(
      'div',
      { class: 'main' },
      make(
        'p',
        {},
        `${words().entry[entry.kind] ?? entry.kind}  ${accountName(entry.from)} → ${accountName(entry.to)}`,
      ),
      make('p', { class: 'note' }, `${timeOf(entry.at)} · ${entry.reference}`),
    ),
    make('span', { class: 'end num strong' }, yuan(entry.amount)),
  );

function drawAll(force) {
  if (force) {
    document.documentElement.lang = world.language;
    document.title = `${words().title} · ${inEnglish() ? 'Purser' : '明账'}`;
    for (const element of document.querySelectorAll('[data-word]')) element.textContent = words()[element.dataset.word];
    find('language').textContent = words().other;
  }
  if (!world.samples || !world.state || !world.books) return;
  drawPhones(force);
  drawPeople(force);
  drawBanks(force);
  drawBooks(force);
}

async function look() {
  const answers = await Promise.all([ask('/desk/samples'), ask('/desk/state'), ask('/desk/books')]).catch(
    () => undefined,
  );
  find('offline').hidden = answers !== undefined;
  setTimeout(look, document.hidden ? 3 * LOOK_EVERY_MS : LOOK_EVERY_MS);
  if (!answers) return;
  [world.samples, world.state, world.books] = answers;
  drawAll(false);
}

find('language').addEventListener('click', () => {
  world.language = inEnglish() ? 'zh-CN' : 'en';
  try {
    localStorage.setItem('desk-language', world.language);
  } catch {
    // Where nothing may be kept, the choice lasts as long as the page.
  }
  drawAll(true);
});

find('reset').addEventListener('click', async () => {
  if (!confirm(words().resetAsk)) return;
  await ask('/desk/reset', {});
});

drawAll(true);
void look();
