/**
 * What is asked while a load is under way goes together with the next. Few large loads cost less than many small ones,
 * so the next begins beside it only when it takes long: one that hangs must not keep everybody waiting.
 */
const AT_ONCE = 2;
const PATIENCE_MS = 25;
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
  let beside: NodeJS.Timeout | undefined;

  const plan = () => {
    if (planned || waiting.length === 0) return;
    if (underWay === 0) {
      planned = true;
      // Whoever asks in this turn of the event loop joins.
      setImmediate(begin);
    } else if (underWay < AT_ONCE) {
      beside ??= setTimeout(begin, PATIENCE_MS);
    }
  };

  const begin = () => {
    planned = false;
    beside = undefined;
    const hand = waiting.slice(0, MOST_KEYS);
    waiting = waiting.slice(MOST_KEYS);
    underWay += 1;
    void run(hand).finally(() => {
      underWay -= 1;
      clearTimeout(beside);
      beside = undefined;
      plan();
    });
    plan();
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
