import type { FastifyInstance } from 'fastify';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { Registry } from 'prom-client';
import type { HttpDependencies } from '../dependencies.ts';
import { addBalanceRoutes } from './balance.ts';
import { addCallbackRoutes } from './callbacks.ts';
import { addCardRoutes } from './cards.ts';
import { addCauseRoutes } from './causes.ts';
import { addDocsRoutes } from './docs.ts';
import { addHealthRoutes } from './health.ts';
import { addLedgerRoutes } from './ledger.ts';
import { addMeRoutes } from './me.ts';
import { addMerchantRoutes } from './merchant.ts';
import { addOpenApiRoutes } from './openapi.ts';
import { addOperationRoutes } from './operations.ts';
import { addOrderRoutes } from './orders.ts';
import { addPayeeRoutes } from './payees.ts';
import { addPayoutRoutes } from './payouts.ts';
import { addPreflightRoutes } from './preflight.ts';
import { addSessionRoutes } from './sessions.ts';
import { addStatusRoutes } from './status.ts';
import { addTransactionRoutes } from './transactions.ts';
import { addTransferRoutes } from './transfers.ts';
import { addVisitRoutes } from './visits.ts';

/** Every route there is, one file for each resource. */
export function addRoutes(
  fastify: FastifyInstance,
  deps: HttpDependencies,
  own: { metrics: Registry; describeApi: () => object },
): void {
  const app = fastify.withTypeProvider<TypeBoxTypeProvider>();
  const resources = [
    addVisitRoutes,
    addSessionRoutes,
    addOperationRoutes,
    addPreflightRoutes,
    addMeRoutes,
    addBalanceRoutes,
    addCardRoutes,
    addTransactionRoutes,
    addTransferRoutes,
    addLedgerRoutes,
    addPayeeRoutes,
    addOrderRoutes,
    addMerchantRoutes,
    addPayoutRoutes,
    addStatusRoutes,
    addCauseRoutes,
    addDocsRoutes,
    addCallbackRoutes,
  ];
  for (const add of resources) add(app, deps);
  addHealthRoutes(app, deps, own.metrics);
  addOpenApiRoutes(app, own.describeApi);
}
