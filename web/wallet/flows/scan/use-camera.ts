import { useEffect, useRef, useState, type RefObject } from 'react';
import { pause } from '../parts/pause.ts';
import { readCodes } from './read-picture.ts';

export type CameraState = 'starting' | 'on' | 'denied' | 'none';
const EVERY_MS = 250;

/** The camera behind a video, and the first code that it sees. Stopped when the screen goes or `on` is false. */
export function useCamera(
  video: RefObject<HTMLVideoElement | null>,
  on: boolean,
  onCode: (text: string) => void,
): CameraState {
  const [state, setState] = useState<CameraState>('starting');
  const told = useRef(onCode);
  told.current = onCode;
  useEffect(() => {
    if (!on) return undefined;
    const stop = new AbortController();
    let stream: MediaStream | undefined;
    const begin = async () => {
      stream = await openCamera();
      if (stop.signal.aborted) return closeCamera(stream);
      const screen = video.current;
      if (!screen) return;
      screen.srcObject = stream;
      await screen.play();
      setState('on');
      await look(screen, stop.signal, (text) => told.current(text));
    };
    begin().catch((error: unknown) => {
      if (!stop.signal.aborted) setState(isDenied(error) ? 'denied' : 'none');
    });
    return () => {
      stop.abort();
      closeCamera(stream);
    };
  }, [on, video]);
  return state;
}

async function openCamera(): Promise<MediaStream> {
  // Outside HTTPS and localhost browsers give no camera at all.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices) throw new DOMException('no camera here', 'NotFoundError');
  return devices.getUserMedia({ video: { facingMode: 'environment' }, audio: false });
}

const closeCamera = (stream: MediaStream | undefined): void => {
  for (const track of stream?.getTracks() ?? []) track.stop();
};

const isDenied = (error: unknown): boolean => error instanceof DOMException && error.name === 'NotAllowedError';

async function look(video: HTMLVideoElement, signal: AbortSignal, onCode: (text: string) => void): Promise<void> {
  while (!signal.aborted) {
    const [code] = video.readyState >= video.HAVE_CURRENT_DATA ? await readCodes(video) : [];
    if (signal.aborted) return;
    if (code !== undefined) return onCode(code);
    await pause(EVERY_MS, signal);
  }
}
