import { addMs, parseInstant, type Clock } from '../../../src/kernel/clock.ts';
import { createDigest } from '../../../src/kernel/envelope.ts';
import { systemRandom } from '../../../src/kernel/random.ts';
import { connectDatabase, type Database } from '../../../src/database/database.ts';
import type { SmsAnswer, SmsMessage, SmsSender } from '../../../src/ports/sms-sender.ts';
import { checkCode as proveCode } from '../../../src/features/security/check-code.ts';
import { createTestDatabase } from '../../support/database.ts';

export type SetClock = Clock & { pass(ms: number): void };

/** A clock that stands until it is told to go on. */
export function createSetClock(start = '2026-11-22T08:00:00.000Z'): SetClock {
  let now = parseInstant(start);
  return {
    now: () => now,
    sleep: async () => undefined,
    pass: (ms) => {
      now = addMs(now, ms);
    },
  };
}

/** Keeps the messages that were handed over and answers as told. */
function createPhoneBox() {
  const messages: SmsMessage[] = [];
  let answer: SmsAnswer = { outcome: 'accepted' };
  const sms: SmsSender = {
    send: async (message) => {
      messages.push(message);
      return answer;
    },
  };
  return {
    sms,
    messages,
    answerWith: (next: SmsAnswer) => {
      answer = next;
    },
    lastCode: () => {
      const message = messages.findLast((each) => 'code' in each);
      return message?.code.reveal() ?? '';
    },
  };
}

/** Two processes' worth of connections to a database of its own, with one clock. */
export async function createSecurityRoom() {
  const home = await createTestDatabase();
  const connect = () => connectDatabase({ connectionString: home.connectionString, applicationRole: true, max: 8 });
  const databases: [Database, Database] = [connect(), connect()];
  const clock = createSetClock();
  const phones = createPhoneBox();
  const digest = createDigest({ key: systemRandom.bytes(32) });
  const depsOf = (database: Database) => ({ database, clock, random: systemRandom, digest, sms: phones.sms });
  return {
    home,
    clock,
    phones,
    deps: depsOf(databases[0]),
    /** The same, as another process has it. */
    otherDeps: depsOf(databases[1]),
    close: async () => {
      await Promise.all(databases.map((database) => database.close()));
      await home.drop();
    },
  };
}

export type SecurityRoom = Awaited<ReturnType<typeof createSecurityRoom>>;

/** How many of these promises failed with each cause; `passed` counts those that did not. */
export async function countOutcomes(all: readonly Promise<unknown>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const settled of await Promise.allSettled(all)) {
    const name = settled.status === 'fulfilled' ? 'passed' : ((settled.reason as { code?: string }).code ?? 'bug');
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** Checks a code and uses it up at once, as the move of an operation does. */
export async function checkCode(...asked: Parameters<typeof proveCode>): Promise<void> {
  const use = await proveCode(...asked);
  await asked[0].database.transaction(use);
}
