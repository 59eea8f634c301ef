/** Tells whoever started us what is going on: one plain sentence, with the seconds since the start. */
export type Say = (sentence: string) => void;

export function createSay(write: (line: string) => void): Say {
  return (sentence) => write(`${(performance.now() / 1000).toFixed(1).padStart(6)} s  ${sentence}`);
}
