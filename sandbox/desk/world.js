/* What the page knows, in which language it says so, and how its parts are drawn. */
import { copy, make } from './elements.js';
import { deskWords } from './words.js';

/** What the sandbox last said: `samples`, `state` and `books`. */
export const world = { language: readLanguage(), samples: undefined, state: undefined, books: undefined };
export const words = () => deskWords[world.language];
export const find = (id) => document.getElementById(id);

const drawn = new Map();
const opened = new Set(['person 周明远']);

function readLanguage() {
  const asked = new URLSearchParams(location.search).get('lang');
  try {
    const kept = asked ?? localStorage.getItem('desk-language');
    return kept === 'en' ? 'en' : 'zh-CN';
  } catch {
    return asked === 'en' ? 'en' : 'zh-CN';
  }
}

export const inEnglish = () => world.language === 'en';
export const timeOf = (at) => new Date(at).toLocaleTimeString(world.language, { hour12: false });
export const bankName = (bank) => (inEnglish() ? bank.nameEn : bank.short);
export const bankOf = (code) => world.state.banks.find((bank) => bank.code === code);
export const plate = (code, letter) => make('span', { class: `bank bank-${code}`, 'aria-hidden': 'true' }, letter);
export const bankPlate = (code) => plate(code, (bankOf(code)?.short ?? code).slice(0, 1));

export const copyButton = (text, what) =>
  make(
    'button',
    {
      type: 'button',
      class: 'quiet',
      'aria-label': `${words().copy} ${what}`,
      onclick: (event) => {
        event.preventDefault();
        void copy(text, event.currentTarget, words());
      },
    },
    words().copy,
  );

/** Draws a list anew only if what it shows has changed and nobody is in the middle of it. */
export function draw(id, content, build, force) {
  const text = JSON.stringify(content);
  const list = find(id);
  const busy = list.contains(document.activeElement) && document.activeElement.matches('select, input');
  if (!force && (drawn.get(id) === text || busy)) return;
  drawn.set(id, text);
  list.replaceChildren(...build());
}

export const copyRow = (label, shown, text) =>
  make(
    'div',
    { class: 'row' },
    make('div', { class: 'main' }, make('p', { class: 'note' }, label), make('p', { class: 'num' }, shown)),
    copyButton(text, label),
  );

/** A part that opens, and stays open when it is drawn again. */
export function folding(key, summary, ...inside) {
  const element = make('details', { open: opened.has(key) }, make('summary', {}, ...summary), ...inside);
  element.addEventListener('toggle', () => (element.open ? opened.add(key) : opened.delete(key)));
  return element;
}
