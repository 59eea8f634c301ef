import { afterAll, beforeAll, expect, test } from 'vitest';
import { findCause } from '../../src/causes/find-cause.ts';
import { reproduces } from '../support/reproduces.ts';
import { samplePerson } from '../support/samples.ts';
import { setStage, type Stage } from './flows/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
}, 120_000);
afterAll(() => stage?.close());

const titleOf = (code: string): string => findCause(code)?.words['zh-CN'].title ?? 'no such cause';

test('a camera that the device does not give is told as the device’s matter, with another way', {
  timeout: 60_000,
}, async () => {
  const walker = await stage.openSignedIn(samplePerson('王秀兰'));
  // The device says no, as it does when the person once refused.
  await walker.page.addInitScript(() => {
    const refuse = () => Promise.reject(new DOMException('not allowed', 'NotAllowedError'));
    Object.defineProperty(navigator, 'mediaDevices', {
      value: { getUserMedia: refuse, enumerateDevices: async () => [] },
    });
  });
  await walker.goTo('/scan');
  const told = await walker.failure();
  expect(told.title).toBe(titleOf(reproduces('device.camera_denied')));
  expect(told.buttons.length).toBeGreaterThan(0);
  await walker.context.close();
});

test('a part of the app that a newer version has replaced is told, and loading again mends it', {
  timeout: 60_000,
}, async () => {
  const walker = await stage.openSignedIn(samplePerson('李思远'));
  await walker.page.route(/\/assets\/history-page/, (route) => route.fulfill({ status: 404, body: '' }));
  await walker.goTo('/history');
  const told = await walker.failure();
  expect(told.title).toBe(titleOf(reproduces('app.data_stale')));
  await walker.page.unroute(/\/assets\/history-page/);
  await walker.page.reload();
  await walker.page.locator('.fail').waitFor({ state: 'detached' });
  await walker.context.close();
});
