import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '../../../../src/contract/problem.ts';
import { isIdNumber } from '../../../../src/kernel/id-number.ts';
import { Button } from '../../../ui/button.tsx';
import { Field } from '../../../ui/field.tsx';
import { Screen } from '../../../ui/screen.tsx';
import { Stepper } from '../../../ui/stepper.tsx';
import { problemOf } from '../parts/ask-safely.ts';
import { FailureScreen } from '../parts/failure-screen.tsx';
import { groupIdNumber, idCharactersOf } from '../parts/typed-digits.ts';
import { useOnline } from '../parts/use-online.ts';
import type { PageOperation } from '../parts/use-page-operation.ts';
import { Headline } from '../parts/headline.tsx';

export type Identity = { name: string; idNumber: string };
export type IdentityField = 'name' | 'id_number';
export const emptyIdentity: Identity = { name: '', idNumber: '' };

const LENGTH = 18;
const AT_THE_FIELD = new Set(['input.missing', 'input.format_invalid', 'input.id_number_invalid']);

type IdentityFormProps = {
  /** To be verified, or to be recognised again. */
  kind: 'verify_identity' | 'reset_pin';
  title: string;
  isFirst: boolean;
  entry: Identity;
  onEntry: (entry: Identity) => void;
  focus: IdentityField;
  page: PageOperation;
  here: string;
  onBack: () => void;
};

/** Name and ID number; the check character is checked as soon as it is typed. */
export function IdentityForm({ kind, title, isFirst, entry, onEntry, focus, page, here, onBack }: IdentityFormProps) {
  const { t } = useTranslation('flows');
  const online = useOnline();
  const words = kind === 'reset_pin' ? 'resetPin' : 'verify';
  const name = useRef<HTMLInputElement>(null);
  const idNumber = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const focusOn = (field: string) => (field === 'id_number' ? idNumber : name).current?.focus();
  // biome-ignore lint/correctness/useExhaustiveDependencies: only on coming to the form
  useEffect(() => focusOn(focus), []);

  const whole = entry.idNumber.length === LENGTH;
  const wrong = whole && !isIdNumber(entry.idNumber);
  const missing = [entry.name.trim().length < 2 && t('verify.name'), (!whole || wrong) && t('verify.idNumber')].filter(
    (part) => part !== false,
  );

  const submit = async () => {
    if (busy || missing.length > 0) return;
    setBusy(true);
    setProblem(null);
    try {
      await page.begin(kind, { name: entry.name.trim(), idNumber: entry.idNumber });
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  const atField = problem !== null && AT_THE_FIELD.has(problem.code) ? problem : null;
  const edit = (field: string) => {
    setProblem(null);
    requestAnimationFrame(() => focusOn(field));
  };
  if (problem && !atField)
    return (
      <FailureScreen
        title={title}
        problem={problem}
        kind={kind}
        fields={['name', 'id_number']}
        here={here}
        busy={busy}
        intendedId={page.intendedId()}
        handlers={{ edit, again: () => void submit(), ask: () => void submit(), restart: () => edit('name') }}
        onClose={() => edit('name')}
      />
    );
  const messageFor = (field: IdentityField) =>
    atField?.field === field ? { state: 'attend' as const, message: atField.detail } : undefined;
  const idState =
    messageFor('id_number') ??
    (wrong ? { state: 'attend' as const, message: t('verify.idWrong') } : whole ? { state: 'good' as const } : {});
  const reason = !online
    ? t('common.offlineButton')
    : missing.length > 0
      ? t('common.missingFields', { count: missing.length, which: missing.join(t('common.listJoin')) })
      : undefined;
  return (
    <form
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Screen
        title={title}
        onBack={onBack}
        dock={
          <>
            <Button submit busy={busy} reason={reason}>
              {t(`${words}.submit`)}
            </Button>
            <p className="note">{t(`${words}.saved`)}</p>
          </>
        }
      >
        {isFirst && <Stepper step={3} total={4} next={t('open.stepPin')} />}
        {kind === 'reset_pin' && <Stepper step={1} total={3} next={t('open.stepCode')} />}
        <Headline>{t(`${words}.headline`)}</Headline>
        <p className="soft flow-lead">{t(`${words}.intro`)}</p>
        <div className="stack">
          <Field
            label={t('verify.name')}
            value={entry.name}
            onChange={(typed) => onEntry({ ...entry, name: typed })}
            autoComplete="off"
            maxLength={64}
            enterKeyHint="next"
            inputRef={name}
            state={entry.name.trim().length >= 2 ? 'good' : 'idle'}
            message={t('verify.nameHint')}
            {...messageFor('name')}
          />
          <Field
            label={t('verify.idNumber')}
            value={entry.idNumber}
            onChange={(typed) => {
              onEntry({ ...entry, idNumber: typed });
              setProblem(null);
            }}
            clean={idCharactersOf}
            group={groupIdNumber}
            count={`${entry.idNumber.length} / ${LENGTH}`}
            autoComplete="off"
            inputRef={idNumber}
            {...idState}
          />
        </div>
      </Screen>
    </form>
  );
}
