import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { nodeSha256 } from '../../src/ledger/proof/ledger-log.ts';
import { consistencyPath, hashLeaf, hashNode, inclusionPath, treeRoot, type Hash } from '../../src/proof/merkle.ts';
import { endorsementMessage, type Endorsement } from '../../src/proof/endorsement.ts';
import { headMessage, leafContent, toHex, type LoggedTransfer, type SignedHead } from '../../src/proof/receipt.ts';

/** A book on paper, with receipts as a wallet gives them; for what checks receipts and needs no wallet beside it. */
export class PaperBook {
  readonly #keys: { privateKey: KeyObject; publicKey: KeyObject };
  readonly #transfers: LoggedTransfer[];

  readonly #endorsements: Endorsement[] = [];

  constructor(amounts: readonly number[], keys = generateKeyPairSync('ed25519')) {
    this.#keys = keys;
    this.#transfers = amounts.map((amount, index) => ({
      seq: String(index + 1),
      id: `0193a000-0000-7000-8000-${String(index + 1).padStart(12, '0')}`,
      kind: 'post',
      debitAccountId: '100000000000000017',
      creditAccountId: '100000000000000042',
      amount: String(amount),
      ledger: 156,
      code: 4,
      pendingId: null,
      operationId: `0193a000-0000-8000-8000-${String(index + 1).padStart(12, '0')}`,
      at: new Date(Date.UTC(2026, 10, 22, 5, 52, index)).toISOString(),
    }));
  }

  /** The same book, signed with another key, for which the one before vouches. */
  withNewKey(): PaperBook {
    const next = new PaperBook([]);
    next.#transfers.push(...this.#transfers);
    const [before, after] = [this, next].map((book) => book.publishedKeys().keys[0]!);
    const said = { publicKey: after!.publicKey, at: '2026-11-23T00:00:00.000Z' };
    const signature = toHex(sign(null, endorsementMessage(said), this.#keys.privateKey));
    next.#endorsements.push(...this.#endorsements, { ...said, by: before!.keyId, signature });
    return next;
  }

  get keys() {
    return this.#keys;
  }

  publishedKeys() {
    const publicKey = this.#keys.publicKey.export({ type: 'spki', format: 'der' });
    const keyId = createHash('sha256').update(publicKey).digest('hex').slice(0, 16);
    const key = { keyId, algorithm: 'Ed25519', publicKey: publicKey.toString('base64'), firstUsedAt: null };
    return { format: 'purser-keys-1', keys: [key] };
  }

  #leaf(index: number): Hash {
    return hashLeaf(nodeSha256, leafContent(this.#transfers[index]!));
  }

  #node = async (level: number, index: number): Promise<Hash> => {
    if (level === 0) return this.#leaf(index);
    return hashNode(nodeSha256, await this.#node(level - 1, 2 * index), await this.#node(level - 1, 2 * index + 1));
  };

  async head(size = this.#transfers.length): Promise<SignedHead> {
    const root = toHex(await treeRoot(nodeSha256, this.#node, size));
    const at = new Date(Date.UTC(2026, 10, 22, 6, 0, size)).toISOString();
    const signature = sign(null, headMessage({ size, root, at }), this.#keys.privateKey);
    return { size, root, at, keyId: this.publishedKeys().keys[0]!.keyId, signature: toHex(signature) };
  }

  async receipt(seq: number, size = this.#transfers.length) {
    return {
      format: 'purser-receipt-1',
      wallet: 'https://wallet.example',
      told: {
        kind: 'transfer_out',
        direction: 'out',
        account: '100000000000000017',
        counterparty: '*晓雯',
        reference: 'P6T2-9H4B',
      },
      transfer: this.#transfers[seq - 1]!,
      leaf: toHex(this.#leaf(seq - 1)),
      path: (await inclusionPath(nodeSha256, this.#node, seq - 1, size)).map(toHex),
      head: await this.head(size),
      key: this.publishedKeys().keys[0]!,
      endorsements: this.#endorsements,
    };
  }

  async consistency(from: number, to: number) {
    const path = (await consistencyPath(nodeSha256, this.#node, from, to)).map(toHex);
    return { format: 'purser-consistency-1', from: await this.head(from), to: await this.head(to), path };
  }
}
