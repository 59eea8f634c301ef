import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/kernel/clock.ts';
import { deriveId, fromPublicId, humanReference, newId, toPublicId, uuid } from '../../../src/kernel/ids.ts';
import { systemRandom } from '../../../src/kernel/random.ts';

const at = (moment: string): Clock => ({ now: () => new Date(moment), sleep: async () => undefined });
const anyId = fc.uuid().map((text) => uuid(text));

const known = uuid('01890a5d-ac96-774b-bcce-b302099a8057');

describe('an id of our own tables', () => {
  const form = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

  it('is taken in its one form and in no other', () => {
    const place = fc.nat({ max: 37 });
    const piece = fc.oneof(fc.constantFrom('', '-', '0', 'f', 'g', 'A', '\n', '/', ':', '`', '\u0130'), fc.string());
    fc.assert(
      fc.property(anyId, place, fc.nat({ max: 2 }), piece, (id, at, dropped, put) => {
        const text = id.slice(0, at) + put + id.slice(at + dropped);
        if (form.test(text)) expect(uuid(text)).toBe(text);
        else expect(() => uuid(text)).toThrow('not a uuid');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a new id', () => {
  it('is a UUIDv7 that carries its time, so that later ones sort later', () => {
    const earlier = newId(at('2026-11-22T00:00:00.000Z'), systemRandom);
    const later = newId(at('2026-11-22T00:00:00.001Z'), systemRandom);
    expect(earlier).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(earlier < later).toBe(true);
    expect(Number.parseInt(later.replaceAll('-', '').slice(0, 12), 16)).toBe(Date.parse('2026-11-22T00:00:00.001Z'));
  });
});

describe('a derived id', () => {
  it('is always the same for the same input, and another for any other', () => {
    fc.assert(
      fc.property(anyId, fc.string(), fc.string(), (id, name, other) => {
        expect(deriveId(id, name)).toBe(deriveId(id, name));
        expect(deriveId(id, name)).not.toBe(id);
        if (name !== other) expect(deriveId(id, name)).not.toBe(deriveId(id, other));
      }),
    );
  });
  it('stays beside the id that it comes from', () => {
    fc.assert(fc.property(anyId, fc.string(), (id, name) => deriveId(id, name).slice(0, 13) === id.slice(0, 13)));
  });
});

describe('what is kept or read aloud', () => {
  it('is made as it ever was', () => {
    expect(deriveId(known, 'money')).toBe('01890a5d-ac96-8ab7-af2d-e27e157d9014');
    expect(humanReference(known)).toBe('PMQF-517P');
  });
});

describe('an id in the API', () => {
  it('reads back as the id it was made from', () => {
    fc.assert(
      fc.property(anyId, fc.constantFrom('op', 'card', 'ord'), (id, prefix) => {
        const text = toPublicId(prefix, id);
        expect(text).toMatch(/^[a-z]+_[0-7][0-9a-hjkmnp-tv-z]{25}$/);
        expect(fromPublicId(prefix, text)).toBe(id);
      }),
    );
  });
  it('agrees with the example of the TypeID specification', () => {
    expect(toPublicId('prefix', known)).toBe('prefix_01h455vb4pex5vsknk084sn02q');
  });
  it('is refused with another prefix, length, letter or a value that does not fit', () => {
    const text = toPublicId('op', known);
    expect(fromPublicId('card', text)).toBeUndefined();
    for (const wrong of [
      '',
      'op_',
      text.slice(0, -1),
      `${text}0`,
      text.toUpperCase(),
      text.replace('v', 'u'),
      `op_8${text.slice(4)}`,
    ]) {
      expect(fromPublicId('op', wrong)).toBeUndefined();
    }
  });
  it('is refused whatever else is sent', () => {
    fc.assert(fc.property(fc.string(), (text) => fromPublicId('op', text) === undefined || text.startsWith('op_')));
  });
});

describe('a reference for people', () => {
  it('is short, always the same, and has no letters that are mistaken for digits', () => {
    fc.assert(
      fc.property(anyId, (id) => {
        expect(humanReference(id)).toMatch(/^P[0-9A-HJKMNP-TV-Z]{3}-[0-9A-HJKMNP-TV-Z]{4}$/);
        expect(humanReference(id)).toBe(humanReference(id));
      }),
    );
  });
});
