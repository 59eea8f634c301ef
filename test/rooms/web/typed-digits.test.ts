import { expect, test } from 'vitest';
import {
  groupCardNumber,
  groupIdNumber,
  groupPhone,
  idCharactersOf,
  isWholePhone,
  phoneToSend,
} from '../../../web/wallet/flows/parts/typed-digits.ts';
import { readOrderCode } from '../../../web/wallet/flows/scan/read-code.ts';

test('a card number stands in fours', () =>
  expect(groupCardNumber('6222020000001234560')).toBe('6222 0200 0000 1234 560'));
test('a phone number stands as it is spoken, and goes out without spaces', () => {
  expect(groupPhone('１３８00136021')).toBe('138 0013 6021');
  expect(groupPhone('+86 138-0013-6021')).toBe('+8613800136021');
  expect(phoneToSend('138 0013 6021')).toBe('13800136021');
  expect(isWholePhone('138 0013 602')).toBe(false);
  expect(isWholePhone('138 0013 6021')).toBe(true);
});
test('an ID number keeps its X and stands in its three parts', () => {
  expect(idCharactersOf('11010119900307 001x')).toBe('11010119900307001X');
  expect(groupIdNumber('110101199003070011')).toBe('110101 19900307 0011');
});
test('a code of an order is its id or an address that ends in it; anything else is not', () => {
  const id = 'ord_01h455vb4pex5vsknk084sn02q';
  expect(readOrderCode(` ${id} `)).toBe(id);
  expect(readOrderCode(`http://127.0.0.1:7070/pay/${id}`)).toBe(id);
  expect(readOrderCode(`https://example.com/other/${id}`)).toBeUndefined();
  expect(readOrderCode('javascript:alert(1)')).toBeUndefined();
  expect(readOrderCode('hello')).toBeUndefined();
});
