import { describe, expect, it } from 'vitest';
import { actions } from '../../../src/causes/actions.ts';
import { appSideCauses } from '../../../src/causes/app-side.ts';
import type { ActionEntry, Cause } from '../../../src/causes/cause.ts';
import { fields } from '../../../src/causes/field-names.ts';
import { flows, namespaces, params, sides } from '../../../src/causes/lists.ts';
import { causeCodes, causeOf } from '../../../src/causes/registry.ts';
import { sourceFailures } from '../../../src/causes/source-failures.ts';

const causes: [string, Cause][] = causeCodes.map((code) => [code, causeOf(code)]);
const actionTable: Readonly<Record<string, ActionEntry>> = actions;
/** The bank keeps this count to itself, so the words cannot say how many tries are left. */
const COUNTED_ELSEWHERE = ['card.pin_wrong', 'security.token_failed'];

/** The codes of the causes that break a rule; a rule holds when there are none. */
const breaking = (breaks: (cause: Cause, code: string) => boolean): string[] =>
  causes.filter(([code, cause]) => breaks(cause, code)).map(([code]) => code);

const among = <T>(list: readonly T[], value: unknown): boolean => (list as readonly unknown[]).includes(value);

function repeated(keys: readonly string[]): string[] {
  return keys.filter((key, i) => keys.indexOf(key) !== i);
}

describe('each cause', () => {
  it('has a dotted code in snake case', () => {
    expect(breaking((_, code) => !/^[a-z_]+\.[a-z0-9]+(_[a-z0-9]+)*$/.test(code))).toEqual([]);
  });
  it('occurs in at least one flow, named once', () => {
    expect(breaking(({ flows }) => flows.length === 0 || new Set(flows).size !== flows.length)).toEqual([]);
  });
  it('says what decides the moment exactly when it is to be tried later', () => {
    expect(breaking(({ retry, retryAfter }) => (retry === 'later') !== (retryAfter !== null))).toEqual([]);
  });
  it('has a standing that fits its outcome', () => {
    const wrong = breaking(({ outcome, retry, money, httpStatus }) => {
      if (outcome === 'unknown') {
        return retry !== 'query_first' || money === 'no' || money === 'yes' || !among([202, 500, null], httpStatus);
      }
      if (outcome === 'waiting') return !among([202, 409], httpStatus);
      if (outcome === 'restricted') return !among([403, null], httpStatus);
      return !among(['no', 'per_attempt'], money);
    });
    expect(wrong).toEqual([]);
  });
  it('says how many tries are left exactly when it uses one up', () => {
    const wrong = breaking(({ countsAsAttempt, params }, code) => {
      return !among(COUNTED_ELSEWHERE, code) && countsAsAttempt !== params.includes('left');
    });
    expect(wrong).toEqual([]);
  });
  it('says until when, where a lock answers 429', () => {
    expect(breaking(({ httpStatus, params }) => httpStatus === 429 && !params.includes('until'))).toEqual([]);
  });
});

describe('the remedies', () => {
  it('are one to four, each once', () => {
    const wrong = breaking(({ remedies }) => {
      const keys = remedies.map(({ action, target }) => `${action}:${target}`);
      return keys.length === 0 || keys.length > 4 || repeated(keys).length > 0;
    });
    expect(wrong).toEqual([]);
  });
  it('are actions of the closed list with targets that these know', () => {
    const wrong = breaking(({ remedies, field }) =>
      remedies.some(({ action, target }) => {
        const entry = actionTable[action];
        if (!entry) return true;
        if (entry.target === null) return target !== undefined;
        if (entry.target !== 'field') return !among(entry.target, target);
        return target === '*' ? field !== '*' : !Object.hasOwn(fields, target ?? '');
      }),
    );
    expect(wrong).toEqual([]);
  });
  it('never include one that could pay twice while the outcome is open', () => {
    const wrong = breaking(({ remedies, outcome, retry }) => {
      const open = outcome === 'unknown' || retry === 'query_first';
      return open && remedies.some(({ action }) => actionTable[action]?.needsKnownOutcome);
    });
    expect(wrong).toEqual([]);
  });
  it('include a way to see the result where it must be asked for first', () => {
    const wrong = breaking(({ remedies, retry }) => {
      return retry === 'query_first' && !remedies.some(({ action }) => among(['ask_result', 'see_status'], action));
    });
    expect(wrong).toEqual([]);
  });
});

describe('raw codes', () => {
  it('are mapped for flows of their cause only', () => {
    expect(breaking(({ raw, flows }) => raw.some(({ flow }) => flow !== undefined && !flows.includes(flow)))).toEqual(
      [],
    );
  });
  it('are mapped once for each rail, institution and flow', () => {
    const keys = causes.flatMap(([, { raw }]) =>
      raw.map(({ rail, institution, flow, code }) => [rail, institution ?? '*', flow ?? '*', code].join(' ')),
    );
    expect(repeated(keys)).toEqual([]);
  });
});

describe('the whole registry', () => {
  it('covers every row of the list of failures exactly once', () => {
    const covered = causes.flatMap(([, { covers }]) => covers);
    expect(sourceFailures).toHaveLength(93);
    expect([...covered].sort()).toEqual([...sourceFailures].sort());
  });
  it('has a cause for every namespace and side, and several for every flow', () => {
    expect(namespaces.filter((name) => !causes.some(([code]) => code.startsWith(`${name}.`)))).toEqual([]);
    expect(Object.keys(sides).filter((name) => !causes.some(([, { side }]) => side === name))).toEqual([]);
    const met = (flow: string) => causes.filter(([, cause]) => among(cause.flows, flow)).length;
    expect(Object.keys(flows).filter((flow) => met(flow) < 5)).toEqual([]);
  });
  it('uses every placeholder, and every action with each of its targets', () => {
    expect(Object.keys(params).filter((name) => !causes.some(([, cause]) => among(cause.params, name)))).toEqual([]);
    const used = new Set(
      causes.flatMap(([, { remedies }]) => remedies.flatMap((r) => [r.action, `${r.action}:${r.target}`])),
    );
    const wanted = Object.entries(actionTable).flatMap(([name, { target }]) =>
      target === null || target === 'field' ? [name] : target.map((one) => `${name}:${one}`),
    );
    expect(wanted.filter((key) => !used.has(key))).toEqual([]);
  });
  it('keeps the labels of actions short enough for a button', () => {
    const long = Object.entries(actionTable).filter(
      ([, { label }]) => [...label['zh-CN']].length > 8 || label.en.length > 24,
    );
    expect(long).toEqual([]);
  });
  it('gives the app every cause that no server can tell', () => {
    expect(
      breaking(({ httpStatus, side }, code) => {
        const told = ['network', 'wallet', 'app', 'device'].includes(side) && httpStatus === null;
        return told && !Object.hasOwn(appSideCauses, code);
      }),
    ).toEqual([]);
  });
});
