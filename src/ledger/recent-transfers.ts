import type { Uuid } from '../kernel/ids.ts';
import { IdSketch } from './id-sketch.ts';

/** What a batch writes, as far as others may ask for it. */
type PageOf<Row> = {
  readonly batch: number;
  readonly rows: readonly Row[];
  find(id: Uuid): Row | undefined;
};

/**
 * What the tables may not tell yet, and which ids were seen lately. A row is in memory only while its batch is under way:
 * later ones are asked of the tables, and as hardly any id comes twice, hardly any is.
 */
export class RecentTransfers<Row extends { readonly id: Uuid }> {
  readonly #limit: number;
  #young: IdSketch;
  #old: IdSketch;
  /** The newest last. */
  #pages: PageOf<Row>[] = [];
  readonly #loaded = new Map<Uuid, Row>();

  constructor(limit: number) {
    this.#limit = limit;
    this.#young = new IdSketch(limit);
    this.#old = new IdSketch(limit);
  }

  /** False for an id that was not added since the older generation began; true may be an error. */
  mayHold(id: Uuid): boolean {
    return this.#young.has(id) || this.#old.has(id);
  }

  /** A row of a batch under way, or one that was loaded for the batch that is decided now. */
  get(id: Uuid): Row | undefined {
    const loaded = this.#loaded.size === 0 ? undefined : this.#loaded.get(id);
    // The ids of all that is under way are among the young.
    if (loaded !== undefined || !this.#young.has(id)) return loaded;
    for (let index = this.#pages.length - 1; index >= 0; index -= 1) {
      const row = this.#pages[index]!.find(id);
      if (row !== undefined) return row;
    }
    return undefined;
  }

  /** A batch begins, whose rows are `add`ed one by one. */
  begin(page: PageOf<Row>): void {
    this.#pages.push(page);
  }

  add(row: Row): void {
    this.#young.add(row.id);
  }

  /** A row of the tables, until the next `trim`. */
  load(row: Row): void {
    this.#loaded.set(row.id, row);
  }

  /** Forgets what the tables tell by now, and the older ids when there are enough newer ones: true when it did. */
  trim(answeredBatch: number): boolean {
    this.#loaded.clear();
    this.#pages = this.#pages.filter((page) => page.batch > answeredBatch);
    if (this.#young.size < this.#limit) return false;
    const spare = this.#old;
    this.#old = this.#young;
    this.#young = spare;
    spare.clear();
    for (const page of this.#pages) for (const row of page.rows) spare.add(row.id);
    return true;
  }
}
