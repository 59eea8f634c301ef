/* The sample people and their cards. */
import { ask, grouped, localPhone, make, yuan } from './elements.js';
import { bankName, bankOf, bankPlate, copyRow, draw, folding, inEnglish, words, world } from './world.js';

const stateName = (name) =>
  name === 'normal' ? words().normal : (world.samples.cardStateNotes[name]?.[inEnglish() ? 1 : 0] ?? name);

export function drawPeople(force) {
  draw(
    'people-list',
    world.samples,
    () => [
      ...world.samples.people.map((person) =>
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
              make('span', { class: 'note' }, words().cards(person.cards.length)),
            ],
            make(
              'div',
              { class: 'inside' },
              copyRow(words().phone, localPhone(person.phone), person.phone.replace(/^\+86/, '')),
              copyRow(words().idNumber, person.idNumber, person.idNumber),
              person.cards.filter(({ state }) => state === 'normal').map(cardPart),
              badCards(person),
            ),
          ),
        ),
      ),
      make(
        'div',
        { class: 'panel' },
        copyRow(words().unknownCard, grouped(world.samples.unknownCardNumber), world.samples.unknownCardNumber),
        copyRow(
          words().noDelivery,
          localPhone(world.samples.undeliverablePhone),
          world.samples.undeliverablePhone.replace(/^\+86/, ''),
        ),
      ),
    ],
    force,
  );
}

/** Cards that a bank refuses lie together, since there are many of them. */
function badCards(person) {
  const bad = person.cards.filter(({ state }) => state !== 'normal');
  if (bad.length === 0) return undefined;
  return folding(
    `bad ${person.name}`,
    [
      make('span', { class: 'main strong' }, words().badCards),
      make('span', { class: 'note' }, words().cards(bad.length)),
    ],
    make('div', { class: 'inside' }, bad.map(cardPart)),
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
        make(
          'p',
          { class: 'note about' },
          make(
            'span',
            { class: bad ? 'chip chip-attend' : 'chip chip-good' },
            bad ? stateName(card.state) : yuan(card.balance),
          ),
          bad ? bankName(bankOf(card.bankCode)) : `${bankName(bankOf(card.bankCode))} · ${note}`,
        ),
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
    world.samples.cardStates.map((name) =>
      make('option', { value: name, selected: name === card.state }, stateName(name)),
    ),
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
      world.samples = await ask('/desk/samples');
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
