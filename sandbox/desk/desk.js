/* The desk's page: looks once a second, and draws anew only what has changed. */
const LOOK_EVERY_MS = 1000;
const find = (id) => document.getElementById(id);
const words = () => globalThis.deskWords[language];

let language = readLanguage();
let samples;
let state;
let books;
const drawn = new Map();
const opened = new Set();

function readLanguage() {
  const asked = new URLSearchParams(location.search).get('lang');
  try {
    const kept = asked ?? localStorage.getItem('desk-language');
    return kept === 'en' ? 'en' : 'zh-CN';
  } catch {
    return asked === 'en' ? 'en' : 'zh-CN';
  }
}

/** One element: its attributes, listeners (`onclick`), and children. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

const inEnglish = () => language === 'en';
const yuan = (fen) => {
  const digits = String(fen).replace('-', '').padStart(3, '0');
  const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${String(fen).startsWith('-') ? '−' : ''}${whole}.${digits.slice(-2)}`;
};
const grouped = (number) => number.replace(/(\d{4})(?=\d)/g, '$1 ');
const localPhone = (phone) => phone.replace(/^\+86(\d{3})(\d{4})(\d{4})$/, '$1 $2 $3');
const timeOf = (at) => new Date(at).toLocaleTimeString(language, { hour12: false });
const bankName = (bank) => (inEnglish() ? bank.nameEn : bank.short);
const bankOf = (code) => state.banks.find((bank) => bank.code === code);
const plate = (code, letter) => make('span', { class: `bank bank-${code}`, 'aria-hidden': 'true' }, letter);
const bankPlate = (code) => plate(code, (bankOf(code)?.short ?? code).slice(0, 1));

async function ask(path, body) {
  const options =
    body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const answer = await fetch(path, options);
  const content = await answer.json();
  if (!answer.ok) throw new Error(content.error ?? String(answer.status));
  return content;
}

async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without a secure connection a browser only copies what is selected.
    const field = make('textarea', {});
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand('copy');
    field.remove();
  }
  button.textContent = words().copied;
  setTimeout(() => (button.textContent = words().copy), 1200);
}

const copyButton = (text, what) =>
  make(
    'button',
    {
      type: 'button',
      class: 'quiet',
      'aria-label': `${words().copy} ${what}`,
      onclick: (event) => {
        event.preventDefault();
        copy(text, event.currentTarget);
      },
    },
    words().copy,
  );

/** Draws a list anew only if what it shows has changed and nobody is in the middle of it. */
function draw(id, content, build, force) {
  const text = JSON.stringify(content);
  const list = find(id);
  const busy = list.contains(document.activeElement) && document.activeElement.matches('select, input');
  if (!force && (drawn.get(id) === text || busy)) return;
  drawn.set(id, text);
  list.replaceChildren(...build());
}

function drawPhones(force) {
  const phones = Map.groupBy(state.messages, (message) => message.to);
  draw(
    'phones-list',
    [state.messages, samples.people.length],
    () => {
      if (phones.size === 0)
        return [make('div', { class: 'panel' }, make('p', { class: 'empty' }, words().noMessages))];
      return [...phones].map(([phone, messages]) => {
        const owner = samples.people.find((person) => person.phone === phone)?.name;
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

const copyRow = (label, shown, text) =>
  make(
    'div',
    { class: 'row' },
    make('div', { class: 'main' }, make('p', { class: 'note' }, label), make('p', { class: 'num' }, shown)),
    copyButton(text, label),
  );

/** A part that opens, and stays open when it is drawn again. */
function folding(key, summary, ...inside) {
  const element = make('details', { open: opened.has(key) }, make('summary', {}, ...summary), ...inside);
  element.addEventListener('toggle', () => (element.open ? opened.add(key) : opened.delete(key)));
  return element;
}

const stateName = (name) =>
  name === 'normal' ? words().normal : (samples.cardStateNotes[name]?.[inEnglish() ? 1 : 0] ?? name);

function drawPeople(force) {
  draw(
    'people-list',
    samples,
    () => [
      ...samples.people.map((person) =>
        make(
          'article',
          { class: 'panel' },
          folding(
            `person ${person.name}`,
            [
              make(
                'div',
                { class: 'main' },
                make('p', { class: 'strong' }, person.name),
                make('p', { class: 'note' }, inEnglish() ? person.noteEn : person.note),
              ),
              make('span', { class: 'note' }, `${person.cards.length} ${words().cards}`),
            ],
            make(
              'div',
              { class: 'inside' },
              copyRow(words().phone, localPhone(person.phone), person.phone.replace(/^\+86/, '')),
              copyRow(words().idNumber, person.idNumber, person.idNumber),
              person.cards.map(cardPart),
            ),
          ),
        ),
      ),
      make(
        'div',
        { class: 'panel' },
        copyRow(words().unknownCard, grouped(samples.unknownCardNumber), samples.unknownCardNumber),
        copyRow(
          words().noDelivery,
          localPhone(samples.undeliverablePhone),
          samples.undeliverablePhone.replace(/^\+86/, ''),
        ),
      ),
    ],
    force,
  );
}

function cardPart(card) {
  const note = inEnglish() ? card.noteEn : card.note;
  const bad = card.state !== 'normal';
  return folding(
    `card ${card.number}`,
    [
      bankPlate(card.bankCode),
      make(
        'div',
        { class: 'main' },
        make('p', { class: 'num' }, grouped(card.number)),
        make('p', { class: 'note' }, `${bankName(bankOf(card.bankCode))} · ${bad ? stateName(card.state) : note}`),
      ),
      make(
        'span',
        { class: bad ? 'chip chip-attend' : 'chip chip-good' },
        bad ? stateName(card.state) : yuan(card.balance),
      ),
    ],
    copyRow(`${words().reserved} ${localPhone(card.reservedPhone)}`, grouped(card.number), card.number),
    cardForm(card),
  );
}

function cardForm(card) {
  const stateField = make(
    'select',
    {},
    samples.cardStates.map((name) => make('option', { value: name, selected: name === card.state }, stateName(name))),
  );
  const balanceField = make('input', {
    type: 'text',
    inputmode: 'decimal',
    value: yuan(card.balance).replaceAll(',', ''),
  });
  const said = make('span', { class: 'wrong', role: 'status' });
  const save = async () => {
    const [, whole, fraction = ''] = /^(\d{1,12})(?:\.(\d{1,2}))?$/.exec(balanceField.value.trim()) ?? [];
    if (whole === undefined) {
      said.textContent = words().wrongBalance;
      return;
    }
    try {
      await ask(`/desk/cards/${card.number}`, {
        state: stateField.value,
        balance: BigInt(whole + fraction.padEnd(2, '0')).toString(),
      });
      said.textContent = words().saved;
      samples = await ask('/desk/samples');
      drawPeople(true);
    } catch (error) {
      said.textContent = error.message;
    }
  };
  return make(
    'div',
    { class: 'form two' },
    make('label', { class: 'field' }, words().state, stateField),
    make('label', { class: 'field' }, words().balance, balanceField),
    make(
      'div',
      { class: 'wide' },
      said,
      make('button', { type: 'button', class: 'save', onclick: save }, words().save),
    ),
  );
}

const modeName = (mode) => words().modes?.[mode] ?? state.modes[mode] ?? mode;

function switchFor(path, behaviour, kinds, modeNames) {
  const mode = make(
    'select',
    {},
    modeNames.map((name) => make('option', { value: name, selected: name === behaviour.mode }, modeName(name))),
  );
  const only =
    kinds &&
    make(
      'select',
      {},
      ['all', ...kinds].map((name) =>
        make(
          'option',
          { value: name, selected: behaviour.only?.[0] === name },
          name === 'all' ? words().all : words().kinds[name],
        ),
      ),
    );
  const once = make('input', { type: 'checkbox', checked: behaviour.times === 1 });
  const change = async () => {
    const chosen = { mode: mode.value };
    if (once.checked) chosen.times = 1;
    if (only && only.value !== 'all') chosen.only = only.value;
    if (mode.value === 'decline') chosen.code = 'DECLINED';
    await ask(path, chosen).catch(() => undefined);
    state = await ask('/desk/state');
    drawBanks(true);
  };
  // Which requests, is chosen before the switch is thrown; only with a fault in force it changes something at once.
  const refine = () => mode.value !== 'normal' && change();
  mode.addEventListener('change', change);
  only?.addEventListener('change', refine);
  once.addEventListener('change', refine);
  const name = inEnglish() ? 'Behaviour' : '表现';
  return make(
    'div',
    { class: only ? 'form two' : 'form' },
    make('label', { class: 'field' }, name, mode),
    only && make('label', { class: 'field' }, words().only, only),
    make('label', { class: 'tick' }, once, words().once),
  );
}

function drawBanks(force) {
  const { banks, registry, sms } = state;
  const all = Object.keys(state.modes);
  const forBanks = all.filter((mode) => mode !== 'undeliverable');
  const plain = forBanks.filter((mode) => !/^(callback|decline|in_progress)/.test(mode));
  const part = (key, letter, code, title, path, behaviour, kinds, modeNames) =>
    folding(
      `switch ${key}`,
      [
        plate(code, letter),
        make('span', { class: 'main strong' }, title),
        make(
          'span',
          { class: behaviour.mode === 'normal' ? 'chip chip-good' : 'chip chip-attend' },
          behaviour.mode === 'normal' ? words().normal : modeName(behaviour.mode),
        ),
      ],
      switchFor(path, behaviour, kinds, modeNames),
    );
  draw(
    'banks-list',
    [banks, registry, sms],
    () => [
      make(
        'div',
        { class: 'panel' },
        banks.map((bank) =>
          part(
            bank.code,
            bank.short.slice(0, 1),
            bank.code,
            bankName(bank),
            `/desk/banks/${bank.code}/behaviour`,
            bank.behaviour,
            Object.keys(words().kinds),
            forBanks,
          ),
        ),
      ),
      make(
        'div',
        { class: 'panel' },
        part(
          'registry',
          inEnglish() ? 'ID' : '证',
          'registry',
          words().registry,
          '/desk/registry/behaviour',
          registry,
          undefined,
          plain,
        ),
        part('sms', inEnglish() ? 'SMS' : '信', 'sms', words().sms, '/desk/sms/behaviour', sms, undefined, [
          ...plain,
          'undeliverable',
        ]),
      ),
    ],
    force,
  );
}

function accountName(name) {
  if (name === 'partner') return words().partnerShort;
  return name === 'outside' ? words().outside : `•••• ${name.slice(-4)}`;
}

function drawBooks(force) {
  draw(
    'books-list',
    books,
    () => {
      const balanced = books.banks.every((bank) => bank.sum === '0');
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
              make('p', { class: 'total' }, `¥ ${yuan(books.partnerBalance)}`),
            ),
            chip,
          ),
          books.banks
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
          books.entries.length === 0
            ? make('p', { class: 'empty' }, words().noEntries)
            : books.entries.slice(0, 20).map(entryRow),
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
    document.documentElement.lang = language;
    document.title = `${words().title} · ${inEnglish() ? 'Purser' : '明账'}`;
    for (const element of document.querySelectorAll('[data-word]')) element.textContent = words()[element.dataset.word];
    find('language').textContent = words().other;
  }
  if (!samples || !state || !books) return;
  drawPhones(force);
  drawPeople(force);
  drawBanks(force);
  drawBooks(force);
}

async function look() {
  try {
    [samples, state, books] = await Promise.all([ask('/desk/samples'), ask('/desk/state'), ask('/desk/books')]);
    find('offline').hidden = true;
    drawAll(false);
  } catch {
    find('offline').hidden = false;
  }
  setTimeout(look, document.hidden ? 3 * LOOK_EVERY_MS : LOOK_EVERY_MS);
}

find('language').addEventListener('click', () => {
  language = inEnglish() ? 'zh-CN' : 'en';
  try {
    localStorage.setItem('desk-language', language);
  } catch {
    // Where nothing may be kept, the choice lasts as long as the page.
  }
  drawAll(true);
});

find('reset').addEventListener('click', async () => {
  if (!confirm(words().resetAsk)) return;
  await ask('/desk/reset', {});
});

opened.add('person 周明远');
drawAll(true);
look();
