import { make, makeIcon } from './elements.ts';
import type { Found, Hand } from './hand.ts';
import { makeVerdict } from './verdict.ts';
import { fill, type PageLanguage, type Words, wordsOf } from './words.ts';

export type PageState = {
  language: PageLanguage;
  hand: Hand;
  found: Found | 'unsupported' | undefined;
  /** The name of a file that is none of those known; empty for pasted text. */
  unknown: string | undefined;
  pasted: string;
};

export type PageActions = {
  changeLanguage: () => void;
  takeFiles: (files: Iterable<File>) => void;
  takeText: (text: string) => void;
  startOver: () => void;
};

/** Served by a wallet there is a way back to it and a copy to keep; opened from a file there is neither. */
const isServed = (): boolean => location.protocol.startsWith('http');

/** The whole page as it stands, drawn anew after each change. */
export function makePage(state: PageState, act: PageActions): HTMLElement {
  const words = wordsOf(state.language);
  return make(
    'div',
    { class: 'verify' },
    makeHead(words, act),
    make(
      'main',
      {},
      make(
        'div',
        { class: 'verify-lead' },
        make('h1', { class: 'headline' }, words.title),
        make('p', { class: 'soft' }, words.lead),
      ),
      make(
        'div',
        { class: 'verify-cols' },
        make('section', { class: 'stack', 'aria-label': words.put }, ...makeInput(words, state, act)),
        make('section', { class: 'stack', 'aria-live': 'polite' }, makeResult(words, state)),
      ),
    ),
    isServed() && makeFoot(words),
  );
}

const makeHead = (words: Words, act: PageActions): HTMLElement =>
  make(
    'header',
    { class: 'page-head' },
    make('span', { class: 'logo' }, makeIcon('mark'), words.app),
    make('button', { class: 'btn btn-quiet btn-sm', id: 'language', click: act.changeLanguage }, words.other),
  );

function makeInput(words: Words, { hand, found, unknown, pasted }: PageState, act: PageActions): HTMLElement[] {
  const file = make('input', { type: 'file', id: 'file', class: 'hidden', multiple: true, 'aria-label': words.choose });
  file.addEventListener('change', () => act.takeFiles(file.files ?? []));
  const text = make('textarea', { id: 'text', rows: '3', placeholder: words.pasteHint, spellcheck: 'false' });
  text.value = pasted;
  text.addEventListener('input', () => act.takeText(text.value));
  const done = found !== undefined;
  return [
    make(
      'div',
      { class: 'panel pad drop' },
      make('p', { class: 'soft' }, words.drop),
      make(
        'label',
        { class: done ? 'btn btn-line' : 'btn btn-main', for: 'file' },
        done ? words.chooseMore : words.choose,
      ),
      file,
      make('label', { class: 'field', for: 'text' }, make('span', { class: 'field-label' }, words.paste), text),
      unknown !== undefined &&
        make(
          'p',
          { class: 'under bad', role: 'alert' },
          makeIcon('info', 16),
          make('span', {}, unknown === '' ? words.unknown : fill(words.unknownNamed, { name: unknown })),
        ),
    ),
    makeHand(words, hand, found),
    ...(done ? [make('button', { class: 'btn btn-quiet', id: 'again', click: act.startOver }, words.again)] : []),
  ];
}

/** What is in hand, and what could be beside it. */
function makeHand(words: Words, hand: Hand, found: PageState['found']): HTMLElement {
  const needsProof =
    typeof found === 'object' &&
    !found.judgement.holds &&
    ['needs_consistency', 'other_heads'].includes(found.judgement.problem);
  const rows = [
    ['receipt', words.missingReceipt],
    ['keys', words.missingKeys],
    ['head', words.missing],
    ...(hand.head ? [['consistency', needsProof ? words.needed : words.missing] as const] : []),
  ] as const;
  return make(
    'div',
    {},
    make(
      'ul',
      { class: 'panel rows hand', 'aria-label': words.kept },
      ...rows.map(([kind, none]) =>
        make(
          'li',
          { class: 'row' },
          make('span', { class: 'main' }, words[kind]),
          make('span', { class: 'end note' }, hand[kind] ? makeIcon('check', 16) : undefined, hand[kind]?.name ?? none),
        ),
      ),
    ),
    make('p', { class: 'note hand-note' }, words.optional),
  );
}

function makeResult(words: Words, { hand, found }: PageState): HTMLElement {
  if (found === 'unsupported') {
    return make('p', { class: 'notice' }, makeIcon('info', 20), make('span', { class: 'main' }, words.unsupported));
  }
  if (found !== undefined && hand.receipt) {
    return makeVerdict(words, hand.receipt.receipt, found, hand.head?.head);
  }
  const { entry, path, signature } = words.checks;
  return make(
    'div',
    { class: 'panel pad' },
    make('h2', { class: 'strong' }, words.checksTitle),
    make(
      'ol',
      { class: 'checks' },
      ...[entry, path, signature].map((text) => make('li', {}, makeIcon('check', 20), text)),
    ),
    make('p', { class: 'note' }, words.notChecked),
  );
}

const makeFoot = (words: Words): HTMLElement =>
  make(
    'footer',
    { class: 'verify-foot' },
    make('a', { class: 'btn btn-quiet', href: '/verify.html', download: 'purser-verify.html' }, words.save),
    make('a', { class: 'btn btn-quiet btn-plain', href: '/' }, words.back),
  );
