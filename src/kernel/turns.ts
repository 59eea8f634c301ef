/** Work of one key, at most `atOnce` of it at a time and the rest in the order of asking; other keys have their own turns. */
export function createTurns<K>(atOnce: number): <T>(key: K, work: () => Promise<T>) => Promise<T> {
  const waiting = new Map<K, { underWay: number; queue: (() => void)[] }>();
  return async (key, work) => {
    const mine = waiting.get(key) ?? { underWay: 0, queue: [] };
    waiting.set(key, mine);
    if (mine.underWay >= atOnce) await new Promise<void>((resolve) => mine.queue.push(resolve));
    else mine.underWay += 1;
    try {
      return await work();
    } finally {
      // Whoever is next takes over the place of the one who leaves.
      const next = mine.queue.shift();
      if (next) next();
      else mine.underWay -= 1;
      if (mine.underWay === 0) waiting.delete(key);
    }
  };
}
