/**
 * A bounded memory of what was used lately. When the young generation is full it becomes the old one, and what
 * the old one held is forgotten, except what a batch not yet answered has touched: the database may not know it yet.
 */
export class TwoGenerations<K, V extends { batch: number }> {
  readonly #limit: number;
  #young = new Map<K, V>();
  #old = new Map<K, V>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(key: K): V | undefined {
    const value = this.#young.get(key);
    if (value !== undefined) return value;
    const old = this.#old.get(key);
    if (old !== undefined) this.#young.set(key, old);
    return old;
  }

  set(key: K, value: V): void {
    this.#young.set(key, value);
  }

  delete(key: K): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }

  /** Forgets the old generation when the young one is full; true when it did. */
  trim(answeredBatch: number): boolean {
    if (this.#young.size < this.#limit) return false;
    for (const [key, value] of this.#old) {
      if (value.batch > answeredBatch) this.#young.set(key, value);
    }
    this.#old = this.#young;
    this.#young = new Map();
    return true;
  }
}
