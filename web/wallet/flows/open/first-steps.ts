import type { Me } from '../../../../src/contract/wallet.ts';
import { paths, withQuery } from '../paths.ts';

/** What a person still lacks, one screen after another; `undefined` when everything is there. */
export function nextStep(me: Me, bound: boolean, returnTo: string | undefined): string | undefined {
  const query = { first: 'true', return: returnTo };
  if (!me.identityVerified) return withQuery(paths.verify, query);
  if (!me.pinSet) return withQuery(paths.pin, query);
  return bound ? undefined : withQuery(paths.bind, query);
}
