import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { Config } from '../config.ts';
import { systemClock } from '../kernel/clock.ts';
import { keyIdOf } from '../ledger/proof/endorsed-log.ts';
import { endorsementMessage, type Endorsement } from '../proof/endorsement.ts';
import { changeSecrets } from '../secrets.ts';
import type { Say } from './say.ts';

const spkiOf = (privateKey: KeyObject): string =>
  createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64');

/**
 * Gives the book another signing key, for which the one before vouches. It is one change of the file of secrets: whatever
 * ends us, either key is whole in it. Processes that run go on with the one before until they are started again.
 */
export async function rotateKey(config: Config, say: Say): Promise<void> {
  const made = generateKeyPairSync('ed25519').privateKey;
  const publicKey = spkiOf(made);
  let before = '';
  await changeSecrets(config, (file) => {
    const old = createPrivateKey({
      key: Buffer.from(file.ledgerHeadPrivateKey, 'base64'),
      type: 'pkcs8',
      format: 'der',
    });
    before = keyIdOf(spkiOf(old));
    const said = { publicKey, at: systemClock.now().toISOString() };
    const signature = sign(null, endorsementMessage(said), old).toString('hex');
    const endorsement: Endorsement = { ...said, by: before, signature };
    return {
      ...file,
      ledgerHeadPrivateKey: made.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
      ledgerHeadEndorsements: [...(file.ledgerHeadEndorsements ?? []), endorsement],
    };
  });
  say(`The book is signed with the key ${keyIdOf(publicKey)} from the next start on; ${before} vouches for it`);
  say('Start every process of the wallet again: until then it signs with the key before, which stays published');
  say(`The private key before is gone. Keep a copy of ${config.secretsFile}, as you do with the data`);
  say(
    `Whoever kept the keys of the book can go on with them, or keep the new ones: ${config.publicUrl}/v1/ledger/keys`,
  );
}
