import { Amount } from '../../ui/amount.tsx';
import { ButtonLink } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { LimitBar } from '../../ui/limit-bar.tsx';
import { ListRow } from '../../ui/list-row.tsx';
import { Notice } from '../../ui/notice.tsx';
import { PathLine } from '../../ui/path-line.tsx';
import { AmountSkeleton, FactsSkeleton, RowsSkeleton } from '../../ui/skeletons.tsx';
import { StatusChip } from '../../ui/status-chip.tsx';
import { Stepper } from '../../ui/stepper.tsx';
import { stoppedAtBank, waitingAtBank, yuan, type GalleryWords } from './fixtures.ts';

export function BlocksPart({ words }: { words: GalleryWords }) {
  return (
    <>
      <div className="between">
        <Amount money={yuan('1284650')} size={5} rule="final" />
        <Amount money={yuan('50000')} size={4} rule="held" />
        <Amount money={yuan('50000')} size={4} rule="open" />
        <Amount money={yuan('32000')} direction="in" />
        <Amount money={yuan('1200')} direction="out" bare />
        <Amount money={yuan('1200')} size={5} hidden rule="final" />
      </div>
      <div className="between">
        <StatusChip kind="good">{words.good}</StatusChip>
        <StatusChip kind="attend">{words.attend}</StatusChip>
        <StatusChip kind="stop">{words.stop}</StatusChip>
        <StatusChip kind="plain" icon="rule">
          {words.plainChip}
        </StatusChip>
        <StatusChip kind="open">{words.open}</StatusChip>
      </div>
      <div className="panel rows">
        <ListRow
          icon="in"
          title={words.row}
          note={words.rowNote}
          end={<Amount money={yuan('32000')} direction="in" bare />}
          to="/"
          noMark
        />
        <ListRow
          icon="topup"
          title={words.pending}
          note={words.pendingNote}
          tone="open"
          end={<Amount money={yuan('50000')} bare rule="open" />}
        />
        <ListRow icon="list" bareIcon title={words.quiet} to="/" />
        <ListRow icon="chat" bareIcon title={words.off} end={<span className="note num">{words.offNote}</span>} off />
      </div>
      <Notice lead={words.noticeLead}>{words.notice}</Notice>
      <Stepper step={2} total={4} next={words.nextStep} />
      <div className="panel pad">
        <PathLine stations={stoppedAtBank} side="card_issuer" />
      </div>
      <div className="panel pad">
        <PathLine stations={waitingAtBank} />
      </div>
      <div className="panel limits kvs">
        <LimitBar
          label={words.limitLabel}
          available={yuan('30000')}
          allowance={yuan('500000')}
          note={words.limitNote}
          attend
        />
        <LimitBar label={words.limitLabel} available={yuan('450000')} allowance={yuan('500000')} />
      </div>
      <EmptyState
        icon="list"
        title={words.empty}
        note={words.emptyNote}
        action={<ButtonLink to="/">{words.main}</ButtonLink>}
      />
      <AmountSkeleton />
      <RowsSkeleton />
      <FactsSkeleton />
    </>
  );
}
