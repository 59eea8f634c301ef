import { useTranslation } from 'react-i18next';
import type { OperationShape } from '../../src/contract/operations.ts';
import type { Problem } from '../../src/contract/problem.ts';
import { Icon } from './icon.tsx';
import type { IconName } from './icon-shapes.ts';

export type Station = OperationShape['path'][number];
export type Side = Problem['side'];

/** The icon of whose hands the cure is in. */
export const sideIcons: Record<Side, IconName> = {
  you: 'you',
  card_issuer: 'bank',
  bank: 'bank',
  network: 'net',
  wallet: 'mark',
  policy: 'rule',
  security: 'shield',
  account: 'wallet',
  app: 'phone',
  device: 'phone',
  third_party: 'people',
};

const stationIcons: Record<Station['station'], IconName> = {
  you: 'you',
  purser: 'mark',
  bank: 'bank',
  registry: 'shield',
  policy: 'rule',
  debit: 'out',
  credit: 'in',
  payee: 'people',
  merchant: 'people',
  card: 'card',
};

const looks = { reached: 'ok', stopped: 'stop', waiting: 'wait', never: 'never' } as const;

/** The route: solid as far as it went, dotted where it never was; the box is whose hands it is in. */
export function PathLine({
  stations,
  side,
  sideLabel,
}: {
  stations: readonly Station[];
  side?: Side;
  sideLabel?: string;
}) {
  const { t } = useTranslation('ui');
  return (
    <ol className="path" aria-label={t('path.label')}>
      {stations.map(({ station, state }) => {
        const name = t(`path.station.${station}`);
        const here = state === 'stopped' || state === 'waiting';
        const icon =
          state === 'stopped' && side ? sideIcons[side] : state === 'waiting' ? 'clock' : stationIcons[station];
        const shown = state === 'stopped' && sideLabel ? sideLabel : here ? t('path.here', { station: name }) : name;
        return (
          <li key={station} className={looks[state]}>
            <span className="node">{here && <Icon name={icon} size={20} />}</span>
            <span>
              {shown}
              <span className="hidden"> {t(`path.state.${state}`)}</span>
            </span>
          </li>
        );
      })}
    </ol>
  );
}
