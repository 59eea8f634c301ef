const ORDER_ID = /^ord_[0-9a-hjkmnp-tv-z]{26}$/;

/**
 * The order that a scanned or pasted text names: its id alone, or an address whose path is `/pay/` and the id.
 * The address is only read, never opened: whatever host it names, the order is asked for at our own server.
 */
export function readOrderCode(text: string): string | undefined {
  const trimmed = text.normalize('NFKC').trim();
  if (ORDER_ID.test(trimmed)) return trimmed;
  if (!URL.canParse(trimmed)) return undefined;
  const found = /^\/pay\/([^/]+)\/?$/.exec(new URL(trimmed).pathname)?.[1];
  return found !== undefined && ORDER_ID.test(found) ? found : undefined;
}
