import type { IdentityRegistry, RegistryAnswer } from '../../ports/identity-registry.ts';
import { exchange, type LineDependencies } from './signed-line.ts';

/** The sandbox's citizens' register and phone operator. */
export function createSandboxIdentityRegistry(deps: LineDependencies): IdentityRegistry {
  async function ask(path: string, reference: string, body: Readonly<Record<string, string>>): Promise<RegistryAnswer> {
    const answer = await exchange(deps, 'POST', path, { reference, ...body });
    if (answer.outcome !== 'answered') return { outcome: 'unavailable', reason: answer.reason };
    const outcome = (answer.body as { outcome?: unknown } | null)?.outcome;
    if (outcome === 'match') return { outcome, reference };
    if (outcome === 'mismatch' || outcome === 'not_found') return { outcome };
    return { outcome: 'unavailable', reason: 'answer of an unknown form' };
  }
  return {
    verifyCitizen: ({ reference, name, idNumber }) =>
      ask('/registry/citizens/verify', reference, { name: name.reveal(), idNumber: idNumber.reveal() }),
    verifyPhoneOwner: ({ reference, phone, name, idNumber }) =>
      ask('/registry/phones/verify', reference, {
        phone: phone.reveal(),
        name: name.reveal(),
        idNumber: idNumber.reveal(),
      }),
  };
}
