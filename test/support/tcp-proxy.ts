import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** What the network between two programs does; `up` is from the client to the server, `down` the way back. */
export type NetworkFault = {
  /** Refuses to carry anything: the connection is reset as soon as it stands. */
  resetOnConnect?: boolean;
  /** Accepts the connection and lets nothing through in this direction. */
  swallow?: 'up' | 'down' | 'both';
  /** Each piece waits this long in each direction. */
  delayMs?: number;
  /** Resets the connection once so many bytes went in this direction. */
  cutUpAfter?: number;
  cutDownAfter?: number;
  /** The same, counted from the end of the first head of HTTP that goes up. */
  cutUpInBodyAfter?: number;
};

export type TcpProxy = {
  /** The address that leads to the same place as `target`. */
  url: string;
  /** Holds for connections made from now on, and for the directions of those that stand. */
  setFault: (fault: NetworkFault) => void;
  /** Bytes that came from clients since the start. */
  bytesUp: () => number;
  connections: () => number;
  /** Resets every connection that stands. */
  resetAll: () => void;
  close: () => Promise<void>;
};

/** A network that can be broken on purpose, between a client and the server at `target`. */
export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  let fault: NetworkFault = {};
  let up = 0;
  let connections = 0;

  const server = createServer({ noDelay: true }, (client) => {
    connections += 1;
    open.add(client);
    client.once('close', () => open.delete(client));
    client.on('error', () => undefined);
    if (fault.resetOnConnect) {
      client.resetAndDestroy();
      return;
    }
    const far = connect({ host: hostname, port: Number(port), noDelay: true });
    open.add(far);
    far.once('close', () => open.delete(far));
    const reset = () => {
      client.resetAndDestroy();
      far.resetAndDestroy();
    };
    far.on('error', () => client.resetAndDestroy());
    carry(
      client,
      far,
      'up',
      () => fault,
      reset,
      (bytes) => {
        up += bytes;
      },
    );
    carry(
      far,
      client,
      'down',
      () => fault,
      reset,
      () => undefined,
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const resetAll = () => {
    for (const socket of open) socket.resetAndDestroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    setFault: (next) => {
      fault = next;
    },
    bytesUp: () => up,
    connections: () => connections,
    resetAll,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        resetAll();
      }),
  };
}

/** How many bytes of one direction a fault lets through. */
function mostOf(fault: NetworkFault, direction: 'up' | 'down', headLength: number | undefined): number | undefined {
  if (direction === 'down') return fault.cutDownAfter;
  const inBody =
    fault.cutUpInBodyAfter === undefined || headLength === undefined ? undefined : headLength + fault.cutUpInBodyAfter;
  return fault.cutUpAfter ?? inBody;
}

/** Carries one direction, in order, as the fault of the moment lets it. */
function carry(
  from: Socket,
  to: Socket,
  direction: 'up' | 'down',
  faultNow: () => NetworkFault,
  reset: () => void,
  count: (bytes: number) => void,
): void {
  let carried = 0;
  let headLength: number | undefined;
  let queue = Promise.resolve();
  const later = (work: () => void) => {
    const { delayMs = 0 } = faultNow();
    queue = queue
      .then(() => (delayMs > 0 ? new Promise<void>((resolve) => setTimeout(resolve, delayMs)) : undefined))
      .then(work);
  };
  const swallowed = () => {
    const { swallow } = faultNow();
    return swallow === direction || swallow === 'both';
  };
  from.on('data', (bytes: Buffer) => {
    count(bytes.length);
    if (swallowed()) return;
    later(() => {
      if (to.destroyed) return;
      const fault = faultNow();
      const headEnd = bytes.indexOf('\r\n\r\n');
      if (headLength === undefined && headEnd >= 0) headLength = carried + headEnd + 4;
      const most = mostOf(fault, direction, headLength) ?? Number.POSITIVE_INFINITY;
      const part = bytes.subarray(0, Math.max(0, most - carried));
      carried += bytes.length;
      if (carried < most) to.write(part);
      else to.write(part, reset);
    });
  });
  from.on('end', () => later(() => (to.destroyed || swallowed() ? undefined : to.end())));
  from.once('close', () => later(() => (swallowed() ? undefined : to.destroy())));
}
