export type Theme = 'auto' | 'light' | 'dark';

const KEY = 'purser.theme';
const isTheme = (text: unknown): text is Theme => text === 'auto' || text === 'light' || text === 'dark';

export function chosenTheme(): Theme {
  const chosen = localStorage.getItem(KEY);
  return isTheme(chosen) ? chosen : 'auto';
}

/** Sets the theme on the page; `auto` leaves it to the system. */
export function applyTheme(theme: Theme): void {
  if (theme === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  colourSurroundings(theme);
}

/** What the browser paints around the page follows the theme that was chosen, not the system's. */
function colourSurroundings(theme: Theme): void {
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
    meta.dataset['own'] ??= meta.content;
    const chosen = getComputedStyle(document.documentElement).getPropertyValue('--bg').trim();
    meta.content = theme === 'auto' || chosen === '' ? meta.dataset['own'] : chosen;
  }
}

export function chooseTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme);
  applyTheme(theme);
}
