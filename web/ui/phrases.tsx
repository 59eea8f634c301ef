import { Fragment } from 'react';

const HAN = /\p{Script=Han}/u;
const segmenter = new Intl.Segmenter('zh-CN', { granularity: 'word' });

/** Words of Chinese text, which has no spaces; particles of one character stay with what stands beside them. */
function phrasesOf(text: string): string[] {
  const phrases: string[] = [];
  let single = false;
  for (const { segment, isWordLike } of segmenter.segment(text)) {
    const isSingle = isWordLike === true && segment.length === 1;
    const stays = isWordLike !== true || (isSingle && single);
    const last = phrases.length - 1;
    if (last >= 0 && stays) phrases[last] += segment;
    else phrases.push(segment);
    single = isSingle;
  }
  // One character alone is no line to begin with.
  return phrases.reduce<string[]>((kept, phrase) => {
    if (kept.length > 0 && phrase.length === 1) kept[kept.length - 1] += phrase;
    else kept.push(phrase);
    return kept;
  }, []);
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
