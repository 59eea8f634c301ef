import { expect, test } from 'vitest';
import { makeCursor, readCursor } from '../../../src/http/cursor.ts';
import { readLanguage } from '../../../src/http/language.ts';
import { addressGroup } from '../../../src/kernel/address-group.ts';
import { withoutData } from '../../../src/http/log.ts';
import { ownOrigins } from '../../../src/http/own-origin.ts';
import { isDatabaseGone } from '../../../src/http/overload.ts';
import { readJson } from '../../../src/http/read-json.ts';
import { createDigest } from '../../../src/kernel/envelope.ts';
import { uuid } from '../../../src/kernel/ids.ts';
import { systemRandom } from '../../../src/kernel/random.ts';

const read = (text: string) => readJson(Buffer.from(text, 'utf8'));

test('JSON is read as it stands', () => {
  const value = { a: [1, -2.5e3, 'ä\n"\\', null, true, {}], b: { a: 'same name, other object', ',': '{}[]:,' }, '': 0 };
  expect(read(JSON.stringify(value, null, 2))).toEqual(value);
  expect(read('"{\\"a\\":1,\\"a\\":2}"')).toBe('{"a":1,"a":2}');
  expect(read(`${'['.repeat(32)}${']'.repeat(32)}`)).toBeInstanceOf(Array);
});

test.each([
  ['nothing', ''],
  ['no JSON', '{a:1}'],
  ['NaN', '{"a":NaN}'],
  ['a trailing comma', '[1,]'],
  ['two values', '{} {}'],
  ['a comment', '{/**/}'],
  ['too many levels', `${'['.repeat(33)}${']'.repeat(33)}`],
  ['a hundred thousand levels', '['.repeat(100_000)],
  ['a member named twice', '{"amount":1,"amount":2}'],
  ['the same name written in another way', '{"amount":1,"\\u0061mount":2}'],
  ['a name that reaches prototypes', '{"__proto__":{"admin":true}}'],
  ['the same, escaped', '{"\\u005f_proto__":{}}'],
  ['constructor', '{"a":{"constructor":{"prototype":{}}}}'],
  ['a number of a million digits', `{"a":${'9'.repeat(1_000_000)}}`],
  ['NUL', '{"a":"x\\u0000y"}'],
  ['a lone surrogate', '{"a":"\\ud83d"}'],
  ['a lone surrogate in a name', '{"\\udc00":1}'],
])('refused: %s', (_what, text) => {
  expect(() => read(text)).toThrow(expect.objectContaining({ status: 400 }));
});

test('other encodings are refused', () => {
  for (const bytes of [
    Buffer.from('{"a":"ä"}', 'latin1'),
    Buffer.from('{}', 'utf16le'),
    Buffer.from([0xef, 0xbb, 0xbf, 0x7b, 0x7d]),
  ]) {
    expect(() => readJson(bytes)).toThrow(expect.objectContaining({ status: 400 }));
  }
});

test('the language is the one preferred of the two, Chinese otherwise', () => {
  const cases: [string | undefined, string][] = [
    [undefined, 'zh-CN'],
    ['', 'zh-CN'],
    ['en', 'en'],
    ['en-GB,zh;q=0.9', 'en'],
    ['zh-TW,en;q=0.9', 'zh-CN'],
    ['fr,en;q=0.2', 'en'],
    ['en;q=0.1,zh;q=0.2', 'zh-CN'],
    ['en;q=0', 'zh-CN'],
    ['de', 'zh-CN'],
    ['en;q=9', 'zh-CN'],
    [';;,,q=', 'zh-CN'],
    ['EN', 'en'],
  ];
  for (const [header, language] of cases) expect([header, readLanguage(header)]).toEqual([header, language]);
});

test('a network of IPv6 counts as one address', () => {
  expect(addressGroup('203.0.113.9')).toBe('203.0.113.9');
  expect(addressGroup('::ffff:203.0.113.9')).toBe('203.0.113.9');
  const home = addressGroup('2001:db8:1:2:3:4:5:6');
  expect(addressGroup('2001:0db8:0001:0002::1')).toBe(home);
  expect(addressGroup('2001:db8:1:2:ffff::')).toBe(home);
  expect(addressGroup('2001:db8:1:3::1')).not.toBe(home);
  expect(addressGroup('fe80::1%eth0')).toBe(addressGroup('fe80::2'));
  expect(addressGroup('::1')).toBe(addressGroup('::2'));
});

test('a cursor opens for its list and owner alone', () => {
  const digest = createDigest({ key: systemRandom.bytes(32) });
  const [me, you] = [uuid('01a20244-e800-7bf9-a236-371e1527b866'), uuid('01a20244-e800-7bf9-a236-371e1527b867')];
  const cursor = makeCursor(digest, 'a', me, '17');
  expect(readCursor(digest, 'a', me, cursor)).toBe('17');
  const altered = Buffer.from(cursor, 'base64url');
  altered[altered.length - 1] = 0x38;
  for (const [list, owner, text] of [
    ['a', you, cursor],
    ['b', me, cursor],
    ['a', me, altered.toString('base64url')],
    ['a', me, ''],
    ['a', me, 'x'],
  ] as const) {
    expect(() => readCursor(digest, list, owner, text)).toThrow(
      expect.objectContaining({ code: 'app.request_invalid' }),
    );
  }
});

test('on a machine of one’s own the wallet is at home under each of its names, elsewhere under one', () => {
  expect([...ownOrigins('http://localhost:7070')]).toEqual([
    'http://localhost:7070',
    'http://127.0.0.1:7070',
    'http://[::1]:7070',
  ]);
  expect([...ownOrigins('https://wallet.example')]).toEqual(['https://wallet.example']);
});

test('a message that is logged keeps its words and loses what was quoted', () => {
  expect(withoutData('invalid input syntax for type uuid: "6222021234567890123"')).toBe(
    'invalid input syntax for type uuid: …',
  );
  expect(withoutData('no person +8613800001234 王小明 with 11010519491231002X')).not.toMatch(/138|1101|小明/);
});

test('a database that is gone is told apart from a bug', () => {
  const coded = (code: string) => Object.assign(new Error('x'), { code });
  for (const error of [
    coded('ECONNREFUSED'),
    coded('57P01'),
    coded('53300'),
    coded('08006'),
    new Error('Connection terminated unexpectedly'),
    new Error('timeout exceeded when trying to connect'),
    new Error('timeout expired'),
    new Error('outer', { cause: coded('ECONNRESET') }),
    new AggregateError([coded('ECONNREFUSED')]),
  ]) {
    expect(isDatabaseGone(error)).toBe(true);
  }
  for (const error of [coded('23505'), new Error('assertion: x'), new TypeError('y'), 'text', undefined]) {
    expect(isDatabaseGone(error)).toBe(false);
  }
});
