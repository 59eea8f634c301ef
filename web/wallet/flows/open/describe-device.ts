const SYSTEMS = [
  ['iPhone', /iPhone/],
  ['iPad', /iPad/],
  ['Android', /Android/],
  ['HarmonyOS', /HarmonyOS|OpenHarmony/],
  ['Windows', /Windows/],
  ['Mac', /Macintosh/],
  ['Linux', /Linux/],
] as const;
const BROWSERS = [
  ['WeChat', /MicroMessenger/],
  ['Edge', /Edg\//],
  ['Firefox', /Firefox\//],
  ['Chrome', /Chrome\//],
  ['Safari', /Safari\//],
] as const;

const first = (list: readonly (readonly [string, RegExp])[]): string | undefined =>
  list.find(([, pattern]) => pattern.test(navigator.userAgent))?.[0];

/** What this device is called in the list of sessions: names that are the same in every language. */
export const describeDevice = (): string =>
  [first(SYSTEMS), first(BROWSERS)].filter((name) => name !== undefined).join(' · ');
