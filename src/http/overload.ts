/** What the driver and the server say when the database cannot be asked: gone, starting, full, or not answering. */
const GONE_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  '57P01',
  '57P02',
  '57P03',
  '57P05',
  '53300',
  '53400',
  '25006',
  '57014',
  '55P03',
]);
const GONE_TEXTS = [
  'timeout exceeded when trying to connect',
  'timeout expired',
  'Connection terminated',
  'Client has encountered a connection error',
  'Cannot use a pool after calling end',
];

/** True for errors that say that the database did not answer, so that whether it acted is not known. */
export function isDatabaseGone(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause) {
    const { code } = each as { code?: unknown };
    if (typeof code === 'string' && (GONE_CODES.has(code) || code.startsWith('08'))) return true;
    const { message } = each;
    if (GONE_TEXTS.some((text) => message.startsWith(text))) return true;
    if (each instanceof AggregateError && each.errors.some(isDatabaseGone)) return true;
  }
  return false;
}
