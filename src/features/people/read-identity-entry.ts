import { isIdNumber } from '../../kernel/id-number.ts';
import { idNumber, personName, type IdNumber, type PersonName } from '../../kernel/masked.ts';
import { refusal } from '../../causes/refusal.ts';

/** Names of 2 to 40 letters, with the marks that names have; never digits. */
const NAME_FORM = /^[\p{L}\p{M}·.\s'-]{2,40}$/u;

/** Takes name and ID number as typed. Causes: `input.missing`, `input.format_invalid`, `input.id_number_invalid`. */
export function readIdentityEntry(input: unknown): { name: PersonName; idNumber: IdNumber } {
  const typed = input as { name: string; idNumber: string };
  const name = typed.name.normalize('NFKC').trim();
  const number = typed.idNumber.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase();
  if (name === '') throw refusal('input.missing', { field: 'name', params: {} });
  if (number === '') throw refusal('input.missing', { field: 'id_number', params: {} });
  if (!NAME_FORM.test(name)) {
    throw refusal('input.format_invalid', {
      field: 'name',
      params: { example: { 'zh-CN': '王小明', en: 'Wang Xiaoming' } },
    });
  }
  if (!isIdNumber(number)) throw refusal('input.id_number_invalid');
  return { name: personName(name), idNumber: idNumber(number) };
}
