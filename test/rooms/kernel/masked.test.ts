import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/kernel/failure.ts';
import { idNumber, otp, pan, personName, phone, pin, secret } from '../../../src/kernel/masked.ts';

const secrets = {
  '6222020000000000000': pan('6222020000000000000'),
  '11010519491231002X': idNumber('11010519491231002X'),
  王小明: personName('王小明'),
  '+8613800138000': phone('+8613800138000'),
  '493817': otp('493817'),
  '482913': pin('482913'),
  'merchant-key': secret('merchant-key'),
};

describe('a masked value', () => {
  it('is shown by no way of turning it into text', () => {
    for (const [value, masked] of Object.entries(secrets)) {
      const error = new Failure('card.expired', { cause: masked });
      const shown = [
        String(masked),
        `${masked}`,
        JSON.stringify({ masked }),
        inspect(masked),
        inspect({ deep: { list: [masked] } }, { depth: 9, showHidden: true }),
        inspect(error, { showHidden: true }),
        JSON.stringify(Object.assign({}, masked)),
        JSON.stringify(Object.entries(masked)),
      ].join('\n');
      expect(shown).not.toContain(value);
      expect(masked.reveal()).toBe(value);
    }
  });
  it('shows at most what may be shown', () => {
    expect(secrets['6222020000000000000'].mask).toBe('622202****0000');
    expect(secrets['11010519491231002X'].mask).toBe('1101****002X');
    expect(secrets['+8613800138000'].mask).toBe('138****8000');
    expect(secrets.王小明.mask).toBe('**明');
    expect(personName('李').mask).toBe('*李');
  });
});

describe('a failure', () => {
  it('keeps its cause, and says where it happened when it is told', () => {
    const cause = new Error('socket closed');
    const failure = new Failure('bank.no_answer', { params: { bank: 'ICBC' }, field: 'amount', cause });
    expect(failure).toMatchObject({ code: 'bank.no_answer', message: 'bank.no_answer', cause, retryAt: undefined });
    const placed = failure.within({ flow: 'top_up', step: 'debit' });
    expect(placed).toMatchObject({ code: 'bank.no_answer', params: { bank: 'ICBC' }, field: 'amount', cause });
    expect(placed.about).toEqual({ flow: 'top_up', step: 'debit' });
  });
});
