type Policy = { createScriptURL: (path: string) => string };
type TrustedTypes = { createPolicy: (name: string, rules: Policy) => Policy };

const WORKER = '/worker.js';

/** The page lets no text become the address of a script; this one, and no other, is said to be meant. */
function addressOfWorker(): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  return trustedTypes?.createPolicy('purser-worker', { createScriptURL: () => WORKER }).createScriptURL('') ?? WORKER;
}

/** Lets the app open without a connection. Only a favour: where it cannot be, nothing else changes. */
export async function keepShell(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  await navigator.serviceWorker.register(addressOfWorker(), { updateViaCache: 'none' });
  const { active } = await navigator.serviceWorker.ready;
  const files = performance.getEntriesByType('resource').map(({ name }) => name);
  active?.postMessage({ files });
}
