import { useSuspenseQuery } from '@tanstack/react-query';
import { useParams } from 'react-router';
import { Page } from '../page.tsx';
import { useLanguage } from '../../ui/language.ts';
import { CardsPart } from './cards-part.tsx';
import { ControlsPart } from './controls-part.tsx';
import { BlocksPart } from './blocks-part.tsx';
import type { GalleryWords } from './fixtures.ts';
import { AskingPart, ExpiredPart, LimitPart, PinSheetPart, ReceiptPart } from './screens-part.tsx';

const parts: Readonly<Record<string, (props: { words: GalleryWords }) => React.ReactNode>> = {
  controls: ControlsPart,
  blocks: BlocksPart,
  cards: CardsPart,
  expired: ExpiredPart,
  limit: LimitPart,
  asking: AskingPart,
  receipt: ReceiptPart,
  'pin-sheet': PinSheetPart,
};
const screens = new Set(['expired', 'limit', 'asking', 'receipt', 'pin-sheet']);

/** Each component in each of its states, for looking at and for screenshots. */
export function GalleryPage() {
  const language = useLanguage();
  const { part = 'controls' } = useParams();
  const { data: words } = useSuspenseQuery<GalleryWords>({
    queryKey: ['gallery', language],
    queryFn: async () =>
      language === 'en'
        ? (await import('./words/en.json', { with: { type: 'json' } })).default
        : (await import('./words/zh-CN.json', { with: { type: 'json' } })).default,
  });
  const Part = parts[part] ?? ControlsPart;
  if (screens.has(part)) return <Part words={words} />;
  return (
    <Page title={words.title}>
      <div className="stack">
        <Part words={words} />
      </div>
    </Page>
  );
}
