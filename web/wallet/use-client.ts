import { createContext, useContext } from 'react';
import { assert } from '../../src/kernel/assert.ts';
import type { Client } from '../client/client.ts';

export const ClientContext = createContext<Client | null>(null);

/** The wallet's API. */
export function useClient(): Client {
  const client = useContext(ClientContext);
  assert(client, 'a screen outside the app');
  return client;
}
