import type { FastifySchema } from 'fastify';
import { Language, MoneyShape } from '../contract/common.ts';
import { operationShapes, OperationShape, OperationState, Station, TimelineEntry } from '../contract/operations.ts';
import { InputError, MoneyMoved, Problem, RemedyShape, Retry, Side } from '../contract/problem.ts';
import {
  Balance,
  BankHealth,
  Card,
  LimitItem,
  Me,
  Order,
  SessionItem,
  TransactionItem,
  TransactionKind,
} from '../contract/wallet.ts';
import { LedgerHead, LedgerKey, LedgerReceipt } from '../contract/receipt.ts';
import type { HttpSettings } from './dependencies.ts';
import type { CauseCode } from '../causes/registry.ts';
import { problemAnswer, problemExamples, refusalsOf } from './describe-refusals.ts';
import type { Policy, RouteEntry } from './route-policy.ts';

declare module 'fastify' {
  interface FastifySchema {
    summary?: string;
    operationId?: string;
    description?: string;
    /** What it may refuse with, beside what every route may. */
    causes?: readonly CauseCode[];
    /** One request and its answer as they may be. */
    examples?: { body?: unknown; answer?: unknown };
    /** Not part of the API: pages, probes. */
    hide?: boolean;
  }
}

type Json = { [name: string]: unknown };

/** Schemas that have a name of their own in the description, wherever they occur. */
const named = new Map<unknown, string>([
  [Problem, 'Problem'],
  [RemedyShape, 'Remedy'],
  [InputError, 'InputError'],
  [Side, 'Side'],
  [Retry, 'Retry'],
  [MoneyMoved, 'MoneyMoved'],
  [MoneyShape, 'Money'],
  [Language, 'Language'],
  [OperationShape, 'Operation'],
  [OperationState, 'OperationState'],
  [Station, 'Station'],
  [TimelineEntry, 'TimelineEntry'],
  [Me, 'Me'],
  [LimitItem, 'Limit'],
  [Balance, 'Balance'],
  [Card, 'Card'],
  [TransactionItem, 'Transaction'],
  [TransactionKind, 'TransactionKind'],
  [Order, 'Order'],
  [BankHealth, 'BankHealth'],
  [SessionItem, 'Session'],
  [LedgerHead, 'LedgerHead'],
  [LedgerKey, 'LedgerKey'],
  [LedgerReceipt, 'LedgerReceipt'],
  ...Object.entries(operationShapes).map(([kind, schema]) => [schema, `Operation_${kind}`] as const),
]);

const security: Readonly<Record<Policy, Json[]>> = {
  anyone: [],
  visit: [{ bearer: [] }, { cookie: [] }],
  person: [{ bearer: [] }, { cookie: [] }],
  merchant: [{ merchantKey: [] }],
  bank_line: [{ bankSignature: [] }],
};

/** The OpenAPI 3.1 description, made from the very schemas that requests and answers are checked against. */
export function describeApi(
  routes: readonly RouteEntry[],
  settings: Pick<HttpSettings, 'publicUrl' | 'version'>,
): Json {
  const paths: { [path: string]: Json } = {};
  for (const route of routes) {
    if (route.schema?.hide) continue;
    const path = route.url.replaceAll(/:([a-zA-Z]+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describeRoute(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Purser',
      version: settings.version,
      summary: 'A wallet that says why.',
      description: [
        'Whatever a person asks for is an operation. The caller makes its id; asking again with the same id is the same',
        'request, for ever. Every refusal is a problem document with a cause, whose it is, whether money moved and what',
        'to do. An answer that does not come says nothing: ask for the operation.',
      ].join(' '),
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: settings.publicUrl }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'The token of a visit or of a person’s session' },
        cookie: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-purser',
          description: 'For the app in the browser, which also sends its origin and `x-purser-client: web`',
        },
        merchantKey: { type: 'http', scheme: 'bearer', description: 'The API key of a merchant' },
        bankSignature: {
          type: 'apiKey',
          in: 'header',
          name: 'webhook-signature',
          description: 'The bank signs its notice',
        },
      },
      examples: problemExamples(routes),
      schemas: Object.fromEntries(
        [...named]
          .map(([schema, name]) => [name, referNamed(schema, true)])
          .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
      ),
    },
  };
}

/** What each part of the API is for. */
const tags: Readonly<Record<string, string>> = {
  visits: 'A session of nobody yet, in which a wallet is opened or signed in to',
  sessions: 'Where a person is signed in',
  operations: 'Everything a person asks the wallet to do: started, answered, called back, asked about',
  preflight: 'What would refuse an operation, before it is started',
  me: 'The person: identity, language, payment PIN, limits',
  balance: 'The balance',
  cards: 'Bound bank cards',
  transactions: 'Movements of the balance',
  ledger: 'What makes the book checkable by anybody: its signing keys, its signed heads, proofs between them',
  payees: 'Whom money can be sent to',
  transfers: 'Money sent to another wallet in one request',
  orders: 'Orders as their payer sees them',
  merchant:
    'What a shop asks: orders and whether they are paid, payouts, receipts of both, webhooks. A guide with a whole small shop: docs/merchants.md',
  status: 'How the wallet and the banks are',
  causes: 'The causes of failure',
  banks: 'Notices that banks send',
};

const tagOf = ({ url }: RouteEntry): string => url.split('/')[2] ?? url.split('/')[1] ?? '';

function describeRoute(route: RouteEntry): Json {
  const schema: FastifySchema = route.schema ?? {};
  const responses: Json = { ...refusalsOf(route), default: problemAnswer };
  for (const [status, answer] of Object.entries((schema.response ?? {}) as { [status: string]: unknown })) {
    responses[status] = isEmpty(answer)
      ? { description: 'Done' }
      : { description: 'The answer', content: { 'application/json': content(answer, schema.examples?.answer) } };
  }
  return {
    operationId: schema.operationId,
    summary: schema.summary,
    ...(schema.description ? { description: schema.description } : {}),
    tags: [tagOf(route)],
    security: security[route.policy],
    parameters: [...parametersOf(schema.params, 'path'), ...parametersOf(schema.querystring, 'query')],
    ...(schema.body
      ? {
          requestBody: { required: true, content: { 'application/json': content(schema.body, schema.examples?.body) } },
        }
      : {}),
    responses,
  };
}

const content = (schema: unknown, example: unknown): Json => ({
  schema: referNamed(schema),
  ...(example === undefined ? {} : { example }),
});

const isEmpty = (schema: unknown): boolean => (schema as { type?: unknown }).type === 'null';

function parametersOf(schema: unknown, place: 'path' | 'query'): Json[] {
  const { properties = {}, required = [] } = (schema ?? {}) as { properties?: Json; required?: string[] };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: referNamed(property),
  }));
}

/** A schema as plain JSON in which every named one is a reference; `whole` writes this one out even so. */
function referNamed(schema: unknown, whole = false): unknown {
  const name = named.get(schema);
  if (name !== undefined && !whole) return { $ref: `#/components/schemas/${name}` };
  if (Array.isArray(schema)) return schema.map((item) => referNamed(item));
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, referNamed(value)]));
}
