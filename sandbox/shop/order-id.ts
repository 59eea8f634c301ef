import type { Clock } from '../clock.ts';
import type { Random } from '../random.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** A new order id: `ord_` and the TypeID form of a UUIDv7, made by the shop so that asking twice is asking once. */
export function newOrderId(clock: Clock, random: Random): string {
  const time = clock.now().getTime().toString(16).padStart(12, '0');
  const chance = random.hex(10);
  const variant = '89ab'['0123456789abcdef'.indexOf(chance[3] ?? '0') % 4];
  let value = BigInt(`0x${time}7${chance.slice(0, 3)}${variant}${chance.slice(4, 19)}`);
  let text = '';
  for (let i = 0; i < 26; i += 1) {
    text = `${ALPHABET[Number(value & 31n)]}${text}`;
    value >>= 5n;
  }
  return `ord_${text}`;
}
