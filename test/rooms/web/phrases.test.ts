import { expect, test } from 'vitest';
import flows from '../../../web/ui/words/flows.zh-CN.json' with { type: 'json' };
import { phrasesOf } from '../../../web/ui/phrases.tsx';

const textsOf = (words: object): string[] =>
  Object.values(words).flatMap((word: unknown) =>
    typeof word === 'string' ? [word] : typeof word === 'object' && word !== null ? textsOf(word) : [],
  );

test('a text is cut into phrases whole, and none of them begins with a mark or is one character alone', () => {
  const texts = textsOf(flows).filter((text) => text.length > 3);
  expect(texts.length).toBeGreaterThan(200);
  for (const text of texts) {
    const phrases = phrasesOf(text);
    expect(phrases.join('')).toBe(text);
    const [, ...later] = phrases;
    expect(
      later.filter((phrase) => /^[，。、；：！？”）》]/.test(phrase) || phrase.trim().length === 1),
      text,
    ).toEqual([]);
  }
});

test('headings break where a reader would pause', () => {
  expect(phrasesOf('姓名和证件号对不上')).toEqual(['姓名', '和证件号', '对不上']);
  expect(phrasesOf('没有扣款，账户没有变')).toContain('账户');
});
