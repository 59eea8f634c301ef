import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Me } from '../../../src/contract/wallet.ts';
import { Button } from '../../ui/button.tsx';
import { Choice } from '../../ui/choice.tsx';
import { formatWhole } from '../../ui/format-money.ts';
import { momentOf } from '../../ui/format-time.ts';
import { chooseLanguage, useLanguage } from '../../ui/language.ts';
import { ListRow } from '../../ui/list-row.tsx';
import { MaskedText } from '../../ui/masked-text.tsx';
import { Facts } from '../../ui/panel.tsx';
import { FactsSkeleton } from '../../ui/skeletons.tsx';
import { StatusChip } from '../../ui/status-chip.tsx';
import { chooseTheme, chosenTheme, type Theme } from '../../ui/theme.ts';
import { paths, withQuery } from '../flows/paths.ts';
import { Page } from '../page.tsx';
import { useMe, useSmallPayments } from '../queries.ts';
import { ReadFailure } from '../trouble.tsx';
import { useClient } from '../use-client.ts';
import { SessionRows } from './session-rows.tsx';

/** Who one is to the wallet, what keeps it safe, and how it looks. */
export function MePage() {
  const { t } = useTranslation('wallet');
  const { data: me, error, refetch } = useMe();
  return (
    <Page title={t('me.title')}>
      {!me && (error ? <ReadFailure error={error} again={() => void refetch()} /> : <FactsSkeleton rows={5} />)}
      {me && (
        <div className="stack-l">
          <Identity me={me} />
          <Security me={me} />
          <Settings />
          <SignOut policyVersion={me.policyVersion} />
        </div>
      )}
    </Page>
  );
}

const classes = ['0', '1', '2', '3'] as const;

function Identity({ me }: { me: Me }) {
  const { t } = useTranslation('wallet');
  const accountClass = classes[me.accountClass] ?? '0';
  return (
    <section>
      <div className="between section-title">
        <h2>{t('me.identity')}</h2>
        {me.accountState !== 'normal' ? (
          <StatusChip kind="stop">{t(`me.state.${me.accountState}`)}</StatusChip>
        ) : me.identityVerified ? (
          <StatusChip kind="good">{t('me.verified')}</StatusChip>
        ) : (
          <StatusChip kind="attend">{t('me.notVerified')}</StatusChip>
        )}
      </div>
      <Facts
        panel
        ruled
        items={[
          ...(me.nameMasked ? [{ label: t('me.name'), value: me.nameMasked }] : []),
          ...(me.idNumberMasked ? [{ label: t('me.idNumber'), value: <MaskedText text={me.idNumberMasked} /> }] : []),
          { label: t('me.phone'), value: <MaskedText text={me.phoneMasked} /> },
          { label: t('me.accountClass'), value: t(`me.class.${accountClass}`) },
        ]}
      />
      {!me.identityVerified && (
        <p className="under">
          <Link className="link" to={paths.verify}>
            {t('me.verify')}
          </Link>
        </p>
      )}
      {me.identityVerified && me.accountState !== 'closed' && me.channelsForNextClass !== null && (
        <p className="under">
          <span>{t('me.nextClass', { count: Math.max(1, me.channelsForNextClass - me.channels.length) })}</span>
        </p>
      )}
    </section>
  );
}

function Security({ me }: { me: Me }) {
  const { t } = useTranslation('wallet');
  const language = useLanguage();
  const pin = me.pinLockedUntil
    ? t('me.pinLocked', { time: momentOf(me.pinLockedUntil, language) })
    : me.pinSet
      ? t('me.pinSet')
      : t('me.pinNotSet');
  return (
    <section>
      <h2 className="section-title">{t('me.security')}</h2>
      <div className="panel rows">
        <ListRow icon="lock" bareIcon title={t('me.pin')} end={<span className="note">{pin}</span>} to={paths.pin} />
        <ListRow icon="gauge" bareIcon title={t('me.limits')} to={paths.limits} />
        {me.pinSet && me.accountState === 'normal' && <SmallPaymentsRow />}
        <SessionRows />
        {(me.accountState === 'normal' || me.accountCause === 'account.frozen_by_you') && (
          <ListRow
            icon="pause"
            bareIcon
            title={me.accountState === 'normal' ? t('me.freeze') : t('me.unfreeze')}
            to={withQuery(paths.freeze, { return: '/me' })}
          />
        )}
      </div>
    </section>
  );
}

function SmallPaymentsRow() {
  const { t } = useTranslation('wallet');
  const { data } = useSmallPayments();
  const state = data && (data.upTo ? t('me.smallOn', { amount: formatWhole(data.upTo) }) : t('me.smallOff'));
  return (
    <ListRow
      icon="wallet"
      bareIcon
      title={t('me.small')}
      end={<span className="note">{state}</span>}
      to={withQuery(paths.smallPayments, { return: '/me' })}
    />
  );
}

const themes = ['auto', 'light', 'dark'] as const;

function Settings() {
  const { t } = useTranslation('wallet');
  const language = useLanguage();
  const client = useClient();
  const queries = useQueryClient();
  const [theme, setTheme] = useState<Theme>(chosenTheme);
  const speak = async (next: 'zh-CN' | 'en') => {
    await chooseLanguage(next);
    // The server keeps it for messages that it sends by itself; the screens do not wait for that.
    await client.updateMe({ language: next }).catch(() => undefined);
    await queries.invalidateQueries();
  };
  const colour = (next: Theme) => {
    chooseTheme(next);
    setTheme(next);
  };
  return (
    <section>
      <h2 className="section-title">{t('me.settings')}</h2>
      <div className="panel pad stack">
        <h3 className="note">{t('me.language')}</h3>
        <Choice
          label={t('me.language')}
          value={language}
          options={[
            { value: 'zh-CN', label: t('languages.zh-CN'), lang: 'zh-CN' },
            { value: 'en', label: t('languages.en'), lang: 'en' },
          ]}
          onChange={(next) => void speak(next)}
        />
        <h3 className="note">{t('me.theme')}</h3>
        <Choice
          label={t('me.theme')}
          value={theme}
          options={themes.map((value) => ({ value, label: t(`me.themes.${value}`) }))}
          onChange={colour}
        />
      </div>
      <div className="panel rows section-next">
        <ListRow icon="info" bareIcon title={t('me.status')} to={paths.status} />
        <ListRow icon="no" bareIcon title={t('me.close')} to={withQuery(paths.close, { return: '/me' })} />
      </div>
    </section>
  );
}

function SignOut({ policyVersion }: { policyVersion: string }) {
  const { t } = useTranslation('wallet');
  const client = useClient();
  const leaving = useMutation({
    mutationFn: () => client.signOut(),
    // Nothing of this person may stay in memory: the page begins anew.
    onSuccess: () => location.assign(paths.home),
  });
  return (
    <section>
      {leaving.error && <ReadFailure error={leaving.error} again={() => leaving.mutate()} />}
      <Button kind="line" onPress={() => leaving.mutate()} busy={leaving.isPending}>
        {t('me.signOut')}
      </Button>
      <p className="note centre list-end">{t('me.policy', { version: policyVersion })}</p>
    </section>
  );
}
