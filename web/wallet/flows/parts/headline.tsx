import { Phrases } from '../../../ui/phrases.tsx';

/** What a step of a flow asks for. */
export const Headline = ({ children }: { children: string }) => (
  <h2 className="headline flow-head">
    <Phrases text={children} />
  </h2>
);
