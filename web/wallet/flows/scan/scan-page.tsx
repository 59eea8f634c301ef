import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { describeAppSide } from '../../../../src/causes/app-side.ts';
import { describeCause } from '../../../../src/causes/describe-cause.ts';
import { inputCauses } from '../../../../src/causes/registry/input.ts';
import type { Problem } from '../../../../src/contract/problem.ts';
import { now } from '../../../client/clock.ts';
import { useLanguage } from '../../../ui/language.ts';
import { ListRow } from '../../../ui/list-row.tsx';
import { Notice } from '../../../ui/notice.tsx';
import { Panel } from '../../../ui/panel.tsx';
import { Screen } from '../../../ui/screen.tsx';
import { FailureScreen } from '../parts/failure-screen.tsx';
import { paths } from '../paths.ts';
import { PasteCode } from './paste-code.tsx';
import { readOrderCode } from './read-code.ts';
import { readCodes } from './read-picture.ts';
import { useCamera } from './use-camera.ts';

const UNREAD = 'input.code_unrecognised';

/** A code by the camera, from a picture, or typed: it opens an order, and nothing is paid by scanning. */
export function ScanPage() {
  const { t } = useTranslation('flows');
  const language = useLanguage();
  const navigate = useNavigate();
  const video = useRef<HTMLVideoElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const [pasting, setPasting] = useState(false);
  const [reading, setReading] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [deniedSeen, setDeniedSeen] = useState(false);

  const open = (text: string | undefined) => {
    const orderId = text === undefined ? undefined : readOrderCode(text);
    if (orderId !== undefined) void navigate(paths.pay(orderId), { replace: true });
    else
      setProblem(describeCause(UNREAD, inputCauses[UNREAD], { language, now: now(), flow: 'pay', moneyMoved: 'no' }));
  };
  const camera = useCamera(video, problem === null && !pasting, open);
  const readFile = async (file: File | undefined) => {
    if (!file) return;
    setReading(true);
    try {
      const image = await createImageBitmap(file);
      open((await readCodes(image))[0]);
    } catch {
      // Not a picture, or one that cannot be drawn: there is no code in it for us.
      open(undefined);
    } finally {
      setReading(false);
    }
  };
  const pick = () => picker.current?.click();
  const denied =
    camera === 'denied' && !deniedSeen
      ? describeAppSide({ code: 'device.camera_denied', language, now: now(), flow: 'pay', moneyMoved: 'no' })
      : null;
  const shown = problem ?? denied;
  const back = () => void navigate(paths.home);
  const fileInput = (
    <input
      ref={picker}
      type="file"
      accept="image/*"
      hidden
      aria-label={t('scan.picture')}
      onChange={(event) => {
        void readFile(event.target.files?.[0]);
        event.target.value = '';
      }}
    />
  );
  const dismiss = () => {
    setProblem(null);
    setDeniedSeen(true);
  };
  if (shown)
    return (
      <>
        <FailureScreen
          title={t('scan.title')}
          problem={shown}
          kind={null}
          here={paths.scan}
          handlers={{ scan: dismiss, again: dismiss, picture: pick }}
          onClose={dismiss}
        />
        {fileInput}
      </>
    );
  return (
    <Screen title={t('scan.title')} onBack={back} leaves>
      <div className="flow-lens">
        <video ref={video} muted playsInline aria-label={t('scan.aim')} />
        <p className="note" role="status">
          {reading
            ? t('scan.reading')
            : camera === 'on'
              ? t('scan.aim')
              : camera === 'starting'
                ? t('scan.starting')
                : t('scan.noCamera')}
        </p>
      </div>
      <Panel rows>
        <ListRow icon="camera" title={t('scan.picture')} onPress={pick} />
        <ListRow icon="edit" title={t('scan.paste')} onPress={() => setPasting(true)} />
      </Panel>
      <div className="flow-gap">
        <Notice icon="shield" lead={t('scan.safe')} />
      </div>
      {fileInput}
      <PasteCode open={pasting} onClose={() => setPasting(false)} onText={open} />
    </Screen>
  );
}
