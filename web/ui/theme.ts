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
}

export function chooseTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme);
  applyTheme(theme);
}
