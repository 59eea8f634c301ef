import type { Language } from './dependencies.ts';

/** The language of an answer out of Accept-Language; Chinese when the header names neither. */
export function readLanguage(header: string | undefined): Language {
  let best: { language: Language; weight: number } = { language: 'zh-CN', weight: 0 };
  for (const part of (header ?? '').slice(0, 200).split(',')) {
    const [tag = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    const quality = parameters.find((parameter) => parameter.startsWith('q='));
    const weight = quality === undefined ? 1 : Number(quality.slice(2));
    const primary = tag.split('-')[0];
    const language = primary === 'zh' ? 'zh-CN' : primary === 'en' ? 'en' : undefined;
    if (language && weight > best.weight && weight <= 1) best = { language, weight };
  }
  return best.language;
}
