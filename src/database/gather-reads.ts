/** How many loads of one kind may be under way; what is asked meanwhile goes together with the next. */
const AT_ONCE = 2;
const MOST_KEYS = 512;

type Waiting<K, V> = { key: K; resolve: (value: V) => void; reject: (error: unknown) => void };

/**
 * Reads that many ask for at the same time, made one. A read begins after it was asked for, so nobody is answered with
 * what was there before the question. `load` answers in the order of the keys; when it fails, all who waited for it hear it.
 */
export function gatherReads<K, V>(load: (keys: readonly K[]) => Promise<readonly V[]>): (key: K) => Promise<V> {
  let waiting: Waiting<K, V>[] = [];
  let underWay = 0;
  let planned = false;

  const plan = () => {
    if (planned || underWay >= AT_ONCE || waiting.length === 0) return;
    planned = true;
    // Whoever asks in this turn of the event loop joins.
    setImmediate(() => {
      planned = false;
      const hand = waiting.slice(0, MOST_KEYS);
      waiting = waiting.slice(MOST_KEYS);
      underWay += 1;
      void run(hand).finally(() => {
        underWay -= 1;
        plan();
      });
      plan();
    });
  };

  async function run(hand: readonly Waiting<K, V>[]): Promise<void> {
    try {
      const values = await load(hand.map(({ key }) => key));
      for (const [index, { resolve }] of hand.entries()) resolve(values[index] as V);
    } catch (error) {
      for (const { reject } of hand) reject(error);
    }
  }

  return (key) =>
    new Promise((resolve, reject) => {
      waiting.push({ key, resolve, reject });
      plan();
    });
}
