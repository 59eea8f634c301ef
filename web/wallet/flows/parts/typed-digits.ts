/** What is typed or pasted into a field of digits: full-width digits are digits, all else is left out. */
export const digitsOf = (text: string): string => text.normalize('NFKC').replace(/[^0-9]/g, '');

/** `6222 0200 0000 1234 560`: in fours, as on the card. */
export const groupCardNumber = (digits: string): string => digits.replace(/(.{4})(?=.)/g, '$1 ');

/** `138 0013 6021` for numbers of China; another country's number keeps its plus and its own shape. */
export function groupPhone(typed: string): string {
  const text = typed.normalize('NFKC');
  if (text.trimStart().startsWith('+')) return `+${digitsOf(text)}`;
  const digits = digitsOf(text).slice(0, 15);
  if (!/^1[0-9]{3}/.test(digits) || digits.length > 11) return digits;
  return [digits.slice(0, 3), digits.slice(3, 7), digits.slice(7)].filter((part) => part !== '').join(' ');
}

/** What goes over the wire: the number without its spaces. */
export const phoneToSend = (typed: string): string => typed.replace(/\s/g, '');

export const isWholePhone = (typed: string): boolean => {
  const text = phoneToSend(typed);
  return text.startsWith('+') ? digitsOf(text).length >= 8 : digitsOf(text).length === 11;
};

/** The eighteen characters of an ID number, the last of which may be X. */
export const idCharactersOf = (text: string): string =>
  text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^0-9X]/g, '')
    .slice(0, 18);

/** `110101 19900307 0010`: place, birthday, the rest. */
export const groupIdNumber = (characters: string): string =>
  [characters.slice(0, 6), characters.slice(6, 14), characters.slice(14)].filter((part) => part !== '').join(' ');
