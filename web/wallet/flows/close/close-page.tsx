import { useTranslation } from 'react-i18next';
import { useNavigate, useSearchParams } from 'react-router';
import { useBalance, useCards, useMe, useOpenOperations } from '../../queries.ts';
import { NotReadYet, problemIn } from '../parts/not-read-yet.tsx';
import { paths, safeReturn } from '../paths.ts';
import { AskClose } from './ask-close.tsx';
import { BeforeClosing } from './before-closing.tsx';
import { ClosedView } from './closed-view.tsx';
import { obstaclesTo } from './obstacles.ts';

/** Closes one's own wallet: what stands in the way first, then what it means, the PIN, and what remains. */
export function ClosePage() {
  const { t } = useTranslation('flows');
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const me = useMe();
  const operations = useOpenOperations();
  const isMoving = (operations.data ?? []).some(({ state }) => state !== 'needs_you');
  const balance = useBalance(isMoving);
  const cards = useCards();
  const title = t('close.title');
  const leave = () => void navigate(safeReturn(search.get('return')) ?? paths.home);
  const unread = [me, operations, balance, cards].find(({ data }) => data === undefined);
  if (unread || !me.data || !operations.data || !balance.data || !cards.data)
    return (
      <NotReadYet
        title={title}
        problem={problemIn(unread?.error ?? null)}
        again={() => void unread?.refetch()}
        here={paths.close}
        onClose={leave}
      />
    );
  if (me.data.accountState === 'closed')
    return <ClosedView title={title} left={balance.data.available} onDone={leave} />;
  const standing = {
    me: me.data,
    balance: balance.data,
    operations: operations.data,
    cards: cards.data.cards,
  };
  const obstacles = obstaclesTo(standing);
  return obstacles.length > 0 ? (
    <BeforeClosing title={title} obstacles={obstacles} onBack={leave} />
  ) : (
    <AskClose title={title} balance={balance.data.available} cards={cards.data.cards.length} onBack={leave} />
  );
}
