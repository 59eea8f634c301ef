import type { Config } from '../config.ts';
import { codeOf } from '../database/cannot-start.ts';
import { readSecrets } from '../secrets.ts';
import { type Samples, writeBanner } from './banner.ts';
import { buildWeb } from './build-web.ts';
import { refuseTakenPorts, sayPort, type WantedPort } from './free-ports.ts';
import { openDatabase } from './open-database.ts';
import { runProgram } from './run-program.ts';
import { localUrl, sandboxProgram, shopProgram } from './sandbox-programs.ts';
import type { Say } from './say.ts';

const STOP_TIMEOUT_MS = 30_000;
const PARENT_LOOK_MS = 500;
const SAME_REQUEST_MS = 1_000;

/**
 * Starts everything and stays until it is told to stop (SIGINT, SIGTERM, SIGHUP, or npm gone), then stops in the
 * reverse order: requests under way are answered, the programs beside us end, the database last. Rejects when it
 * could not start, after stopping whatever had been.
 */
export async function serve(config: Config, say: Say): Promise<void> {
  const stopped = new AbortController();
  const stop = (reason: string) => stopped.abort(reason);
  const forget = listenForStop(config, stop, say);
  const running = new AsyncDisposableStack();
  try {
    await startAll(config, say, running, stopped);
    if (!stopped.signal.aborted) await new Promise((resolve) => stopped.signal.addEventListener('abort', resolve));
    say(`Stopping (${stopped.signal.reason})`);
  } finally {
    const tooLong = setTimeout(() => {
      say('Stopping takes too long and is cut short');
      process.exit(1);
    }, STOP_TIMEOUT_MS).unref();
    await running.disposeAsync();
    clearTimeout(tooLong);
    forget();
  }
  say('Stopped');
}

/**
 * A second request to stop cuts everything short: the pipes to database and programs close with us. One that comes at
 * once is the same request: a terminal's Ctrl-C reaches us directly and again through npm.
 */
function listenForStop(config: Config, stop: (reason: string) => void, say: Say): () => void {
  let askedAt: number | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    if (askedAt === undefined) {
      askedAt = performance.now();
      stop(signal);
    } else if (performance.now() - askedAt > SAME_REQUEST_MS) {
      say('Stopped at once');
      process.exit(1);
    }
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  // npm that is killed cannot pass it on; we would stay behind with the port.
  const parent = process.ppid;
  const look = config.startedByNpm
    ? setInterval(() => process.ppid !== parent && stop('npm ended'), PARENT_LOOK_MS).unref()
    : undefined;
  return () => {
    clearInterval(look);
    for (const signal of signals) process.off(signal, onSignal);
  };
}

async function startAll(
  config: Config,
  say: Say,
  running: AsyncDisposableStack,
  stopped: AbortController,
): Promise<void> {
  await refuseTakenPorts(wantedPorts(config));
  const building = buildWeb(say, stopped.signal);
  // What starts must have come to an end before anything is stopped: what starts late would be left behind.
  const [started] = await Promise.allSettled([startBeside(config, say, running, stopped, building), building]);
  if (stopped.signal.aborted) return;
  if (started.status === 'rejected') throw started.reason;
  await started.value.listen().catch((error: unknown) => {
    throw codeOf(error)?.startsWith('E') ? sayPort('PURSER_PORT', config.host, config.port, error) : error;
  });
  if (stopped.signal.aborted) return;
  const samples = config.mode === 'sandbox' ? await readSamples(config) : undefined;
  say('Ready');
  process.stdout.write(writeBanner(config, samples));
}

/** A second process of one wallet uses the world outside that the first one runs. */
const runsSandbox = (config: Config): boolean => config.mode === 'sandbox' && config.sandboxStart === 'own';

const wantedPorts = (config: Config): WantedPort[] => {
  const { host } = config;
  const wallet = { variable: 'PURSER_PORT', host, port: config.port };
  if (!runsSandbox(config)) return [wallet];
  return [
    wallet,
    { variable: 'PURSER_SANDBOX_PORT', host, port: config.sandboxPort },
    { variable: 'PURSER_SHOP_PORT', host, port: config.shopPort },
  ];
};

/** The database, the app on it, and in sandbox mode the programs that stand for the world outside. */
async function startBeside(
  config: Config,
  say: Say,
  running: AsyncDisposableStack,
  stopped: AbortController,
  building: Promise<string>,
): Promise<{ listen: () => Promise<void> }> {
  // Read from disk while the database starts.
  const loading = import('../app.ts');
  loading.catch(() => {});
  const database = await openDatabase(config, say);
  running.defer(database.stop);
  void database.ended.then((sentence) => {
    if (stopped.signal.aborted) return;
    process.exitCode = 1;
    stopped.abort(sentence);
  });
  const secrets = await readSecrets(config, say);
  const { connectionString, ownerConnectionString } = database;
  const create = async () => {
    const [{ createApp }, webRoot] = await Promise.all([loading, building]);
    return createApp({ config, secrets, connectionString, ownerConnectionString, webRoot, log: say });
  };
  const programs = !runsSandbox(config) ? [] : [sandboxProgram(config, secrets), shopProgram(config, secrets)];
  const starting = Promise.allSettled(programs.map((program) => runProgram(program, say)));
  const [[app], started] = await Promise.all([Promise.allSettled([create()]), starting]);
  for (const one of started) if (one.status === 'fulfilled') running.defer(one.value.stop);
  if (app.status === 'fulfilled') running.defer(() => app.value.close());
  for (const one of started) if (one.status === 'rejected') throw one.reason;
  if (app.status === 'rejected') throw app.reason;
  if (programs.length > 0) say(`The sandbox and its shop run on ports ${config.sandboxPort} and ${config.shopPort}`);
  return app.value;
}

/** What the sandbox offers for trying; a wallet that runs without it being told is not worth failing for. */
async function readSamples(config: Config): Promise<Samples | undefined> {
  const url = `${localUrl(config.host, config.sandboxPort)}/desk/samples`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(3_000) }).catch(() => undefined);
  return answer?.ok ? ((await answer.json()) as Samples) : undefined;
}
