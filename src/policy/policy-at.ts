import { assert } from '../kernel/assert.ts';
import { china202611 } from './packs/china-2026-11.ts';
import { startOfDay } from './periods.ts';
import type { PolicyPack } from './policy-pack.ts';

/** In the order in which they came into force. A pack is never changed once a decision may have recorded it: a new one is added. */
const packs: readonly PolicyPack[] = [china202611];

/** From which moment each is in force. */
const inOrder = packs.map((pack) => ({ pack, since: startOfDay(pack.effectiveFrom, pack.timeZone).getTime() }));

/** The pack in force at this moment. The first one also covers the time before it. */
export function policyAt(instant: Date): PolicyPack {
  const now = instant.getTime();
  const inForce = inOrder.findLast(({ since }) => since <= now) ?? inOrder[0];
  assert(inForce, 'there is no policy pack');
  return inForce.pack;
}

/** The pack that a recorded decision followed. */
export const findPolicy = (id: string): PolicyPack | undefined => packs.find((pack) => pack.id === id);
