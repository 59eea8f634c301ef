import { Fragment } from 'react';
import chinese from './words/phrases.json' with { type: 'json' };

const HAN = /\p{Script=Han}/u;
const segmenter = new Intl.Segmenter('zh-CN', { granularity: 'word' });

/** What belongs to the word before it. */
const ENDINGS = new Set(chinese.endings);

/** The words of Chinese text, which has no spaces between them; one character alone goes with what follows. */
export function phrasesOf(text: string): string[] {
  const phrases: string[] = [];
  let begun = '';
  const end = (tail: string) => {
    const last = phrases.length - 1;
    if (last >= 0 && (begun + tail).length === 1) phrases[last] += begun + tail;
    else phrases.push(begun + tail);
    begun = '';
  };
  for (const { segment, isWordLike } of segmenter.segment(text)) {
    const belongsBefore = isWordLike !== true || ENDINGS.has(segment);
    if (belongsBefore && begun === '' && phrases.length > 0) phrases[phrases.length - 1] += segment;
    else if (segment === ' ' || (isWordLike === true && (belongsBefore || segment.length === 1))) begun += segment;
    else end(segment);
  }
  if (begun !== '') end('');
  return phrases;
}

/** A heading that breaks between words, also in Chinese, where a browser would break within one. */
export function Phrases({ text }: { text: string }) {
  if (!HAN.test(text)) return text;
  return (
    <span className="phrases">
      {phrasesOf(text).map((phrase, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a phrase is its place
        <Fragment key={index}>
          {index > 0 && <wbr />}
          {phrase}
        </Fragment>
      ))}
    </span>
  );
}
