import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('./ledger-load.ts', import.meta.url));

/** A process under load, and what it has said of itself so far. */
export class LoadProcess {
  readonly child: ChildProcess;
  readonly asked = new Set<string>();
  readonly heard = new Map<string, string>();
  readonly lost = new Map<string, string>();
  readonly problems: string[] = [];
  readonly #closed: Promise<unknown>;

  /** `port`: where it takes the transfers of others while it writes. */
  constructor(connectionString: string, callers: number, leaseMs = 10_000, port = 0) {
    this.child = spawn(process.execPath, [program, connectionString, String(callers), String(leaseMs), String(port)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: this.child.stdout! });
    lines.on('line', (line) => this.#note(line));
    this.#closed = once(lines, 'close');
  }

  #note(line: string): void {
    const [what, id = '', ...words] = line.split(' ');
    if (what === 'asked') this.asked.add(id);
    if (what === 'heard') this.heard.set(id, words.join(' '));
    if (what === 'lost') this.lost.set(id, words.join(' '));
    if (what === 'problem') this.problems.push(line);
  }

  async waitUntilHeard(count: number): Promise<void> {
    while (this.heard.size < count) {
      if (this.child.exitCode !== null) throw new Error('the load process ended by itself');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.child.kill(name);
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#closed;
  }
}
