import type { FastifyInstance, FastifyRequest } from 'fastify';
import { keepBytes, type LineDependencies, meetConnection, readFields, serve, type Served } from './far-side.ts';
import { sha256 } from './line.ts';
import { deliver } from './messages.ts';
import { people, undeliverablePhone } from './samples.ts';

/** The citizens' register, the phone operator's register, and the operator's messages. */

type Fields = Readonly<Record<string, string>>;

const ok = (outcome: string): Served => ({ status: 200, content: { outcome } });
const BROKEN: Served = { status: 400, content: { error: 'the body is not of the agreed form' } };

const has = (fields: Fields, names: readonly string[]): boolean =>
  names.length === Object.keys(fields).length && names.every((name) => fields[name]);

function verifyCitizen(fields: Fields): Served {
  if (!has(fields, ['reference', 'name', 'idNumber'])) return BROKEN;
  const found = people.find((person) => person.idNumber === fields['idNumber']?.toUpperCase());
  if (found?.registeredName === undefined) return ok('not_found');
  return ok(found.registeredName === fields['name'] ? 'match' : 'mismatch');
}

function verifyPhone(fields: Fields): Served {
  if (!has(fields, ['reference', 'phone', 'name', 'idNumber'])) return BROKEN;
  const found = people.find((person) => person.phone === fields['phone']);
  if (!found) return ok('not_found');
  const same = found.name === fields['name'] && found.idNumber === fields['idNumber']?.toUpperCase();
  return ok(same && found.phoneIsTheirs ? 'match' : 'mismatch');
}

/** The same id is the same message; another message under its id is nothing the operator can make sense of. */
function takeMessage({ store, clock }: LineDependencies, fields: Fields, undeliverable: boolean): Served {
  if (!has(fields, ['id', 'to', 'language', 'template', 'text'])) return BROKEN;
  const { id = '', to = '', text = '', template, language } = fields;
  const fingerprint = sha256(JSON.stringify([to, text, template, language]));
  return store.transaction(() => {
    const known = store.get('select fingerprint, outcome from messages where id = ?', `sms:${id}`);
    if (known && known['fingerprint'] !== fingerprint)
      return { status: 409, content: { error: 'the id was used for another message' } };
    if (known) return ok(String(known['outcome']));
    const outcome = undeliverable || to === undeliverablePhone ? 'undeliverable' : 'accepted';
    deliver(store, clock, { id: `sms:${id}`, sender: '明账', to, text, fingerprint, outcome });
    return ok(outcome);
  });
}

const targetOf = (request: FastifyRequest): { target: string; action: string } => {
  const [, first = '', second = ''] = (request.raw.url ?? '').split('?')[0]?.split('/') ?? [];
  return { target: first, action: second };
};

export async function addRegisters(app: FastifyInstance, deps: LineDependencies): Promise<void> {
  keepBytes(app);
  app.addHook('onRequest', meetConnection(deps, targetOf));
  const add = (path: string, work: (fields: Fields, mode: string) => Served) =>
    app.post(path, (request, reply) =>
      serve(deps, request, reply, ({ mode }) => {
        const fields = readFields(request.body);
        if (mode === 'maintenance') return { status: 503, content: { error: 'under maintenance' } };
        return fields ? work(fields, mode) : BROKEN;
      }),
    );
  add('/registry/citizens/verify', verifyCitizen);
  add('/registry/phones/verify', verifyPhone);
  add('/sms/messages', (fields, mode) => takeMessage(deps, fields, mode === 'undeliverable'));
}
