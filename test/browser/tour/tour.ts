import type { Stage } from '../flows/stage.ts';
import type { Walker } from '../flows/walker.ts';
import type { View } from '../support/browser.ts';
import { samplePerson } from '../../support/samples.ts';
import { tourClosing } from './closing-tour.ts';
import { tourBankTrouble, tourBefore, tourMoney } from './money-tour.ts';
import { tourBindingTrouble, tourOpening, tourOpeningTrouble } from './opening-tour.ts';
import { tourPages } from './pages-tour.ts';
import { tourReceipts } from './receipts-tour.ts';
import { tourSecurity } from './security-tour.ts';
import type { Look, Tour } from './steps.ts';
import { tourWorldTrouble } from './world-tour.ts';

/** Every screen and state of the wallet, in the order of a life; each chapter stands on what those before it did. */
export const chapters: readonly ((tour: Tour) => Promise<void>)[] = [
  tourOpening,
  tourOpeningTrouble,
  tourBindingTrouble,
  tourMoney,
  tourBefore,
  tourBankTrouble,
  tourSecurity,
  tourClosing,
  tourPages,
  tourReceipts,
  tourWorldTrouble,
];

export function planTour(stage: Stage, view: View, look: Look): Tour {
  let zhous: Promise<Walker> | undefined;
  return {
    stage,
    view,
    look,
    zhous: () => {
      zhous ??= stage.openSignedIn(samplePerson('周明远'), view);
      return zhous;
    },
  };
}
