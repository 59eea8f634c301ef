import { Button } from '../../../ui/button.tsx';
import type { Content } from '../../../ui/content.ts';
import { Icon } from '../../../ui/icon.tsx';
import { Phrases } from '../../../ui/phrases.tsx';
import { Screen } from '../../../ui/screen.tsx';

type DoneViewProps = {
  title: string;
  /** Above all, where the flow shows its steps. */
  above?: Content;
  headline: string;
  children: Content;
  next: string;
  onNext: () => void;
};

/** It is done: what, what follows from it, and the way on. */
export function DoneView({ title, above, headline, children, next, onNext }: DoneViewProps) {
  return (
    <Screen title={title} dock={<Button onPress={onNext}>{next}</Button>}>
      {above}
      <div className="flow-done">
        <Icon name="check" />
        <h2 className="headline">
          <Phrases text={headline} />
        </h2>
        {children}
      </div>
    </Screen>
  );
}
