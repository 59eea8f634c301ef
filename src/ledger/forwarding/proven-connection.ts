import { connect, createServer, type Server, type TLSSocket } from 'node:tls';
import type { Advertisement } from './advertisement.ts';

/**
 * Connections between processes of one database: TLS 1.3 with a key that both know from the database and no
 * certificates. Whoever does not know the secret of the epoch, on either side, gets no connection; what is said cannot
 * be read or changed on the way.
 */

const protocol = {
  minVersion: 'TLSv1.3',
  maxVersion: 'TLSv1.3',
  // The hash belongs to the key: a key given like this goes with SHA-256.
  ciphers: 'TLS_AES_128_GCM_SHA256',
} as const;
/** More than there are processes on any database; strangers cannot take all of memory. */
const MAX_CONNECTIONS = 512;
const HANDSHAKE_MS = 5_000;

const identityOf = (epoch: number): string => `purser ledger ${epoch}`;

/** A server that only those can reach who know the secret of the epoch. Not listening yet. */
export function createProvenServer(
  mine: Pick<Advertisement, 'epoch' | 'secret'>,
  onConnection: (socket: TLSSocket) => void,
): Server {
  const identity = identityOf(mine.epoch);
  const server = createServer({
    ...protocol,
    handshakeTimeout: HANDSHAKE_MS,
    pskCallback: (_, asked) => (asked === identity ? mine.secret : null),
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.on('secureConnection', (socket) => {
    socket.setNoDelay(true);
    onConnection(socket);
  });
  // Strangers are turned away in silence: a log of them could be filled by anyone.
  server.on('tlsClientError', (_, socket) => socket.destroy());
  return server;
}

/** A connection to the writer; `secureConnect` means that both have proved that they know the secret. */
export function connectProven(to: Advertisement): TLSSocket {
  const socket = connect({
    ...protocol,
    host: to.host,
    port: to.port,
    // Called only for one who comes with a certificate instead of the secret.
    checkServerIdentity: () => new Error('whoever listens there does not know the secret of the epoch'),
    pskCallback: () => ({ psk: to.secret, identity: identityOf(to.epoch) }),
  });
  socket.setNoDelay(true);
  return socket;
}
