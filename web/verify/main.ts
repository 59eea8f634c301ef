import { addTo, judgeHand } from './hand.ts';
import { makePage, type PageActions, type PageState } from './page.ts';
import { languageOfBrowser, wordsOf } from './words.ts';
import './verify.css';

// The page that checks receipts. It has no network: the rules in its head forbid it, and nothing here asks for any.

/** Where the app leaves the receipt that is to be looked at; taken once. */
const LEFT_BY_APP = 'purser.receipt';

let state: PageState = {
  language: languageOfBrowser(),
  hand: {},
  found: undefined,
  unknown: undefined,
  pasted: '',
};
/** The newest of several judgements under way counts. */
let turn = 0;

function show(next: Partial<PageState>, focus?: string): void {
  state = { ...state, ...next };
  const words = wordsOf(state.language);
  document.documentElement.lang = state.language;
  document.title = `${words.title} · ${words.app}`;
  const at = focus ?? document.activeElement?.id ?? '';
  document.getElementById('app')?.replaceChildren(makePage(state, actions));
  if (at !== '') document.getElementById(at)?.focus({ preventScroll: focus === undefined });
}

/** Adds what was put in, then judges all that is in hand. */
async function take(contents: readonly { name: string; text: string }[], pasted: string): Promise<void> {
  let hand = state.hand;
  let unknown: string | undefined;
  for (const { name, text } of contents) {
    const added = addTo(hand, name, text);
    if (added === undefined) unknown = name;
    else hand = added;
  }
  turn += 1;
  const mine = turn;
  const found = await judgeHand(hand);
  if (mine !== turn) return;
  const typing = document.activeElement?.id === 'text' && unknown !== undefined;
  show({ hand, found, unknown, pasted }, found !== undefined && !typing ? 'verdict' : undefined);
}

const actions: PageActions = {
  changeLanguage: () => show({ language: state.language === 'en' ? 'zh-CN' : 'en' }),
  takeFiles: (files) => {
    const reading = [...files].map(async (file) => ({ name: file.name, text: await file.text() }));
    void Promise.all(reading).then((contents) => take(contents, state.pasted));
  },
  takeText: (text) => {
    if (text.trim() === '') show({ unknown: undefined, pasted: '' });
    else void take([{ name: '', text }], text);
  },
  startOver: () => {
    turn += 1;
    show({ hand: {}, found: undefined, unknown: undefined, pasted: '' }, 'file');
  },
};

document.addEventListener('dragover', (event) => event.preventDefault());
document.addEventListener('drop', (event) => {
  event.preventDefault();
  actions.takeFiles(event.dataTransfer?.files ?? []);
});
document.addEventListener('paste', (event) => {
  const text = event.clipboardData?.getData('text') ?? '';
  if (document.activeElement?.id !== 'text' && text !== '') actions.takeText(text);
});

show({});
const left = sessionStorage.getItem(LEFT_BY_APP);
sessionStorage.removeItem(LEFT_BY_APP);
if (left !== null) void take([{ name: 'receipt.json', text: left }], '');
