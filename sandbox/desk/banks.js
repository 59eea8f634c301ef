/* The switches of banks, registers and SMS operator. */
import { ask, make } from './elements.js';
import { bankName, draw, folding, inEnglish, plate, words, world } from './world.js';

const modeName = (mode) => words().modes?.[mode] ?? world.state.modes[mode] ?? mode;

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
    world.state = await ask('/desk/state');
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

export function drawBanks(force) {
  const { banks, registry, sms } = world.state;
  const all = Object.keys(world.state.modes);
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
