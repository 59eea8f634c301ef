import { type Config, readConfig, variables } from './config.ts';
import { CannotStart } from './database/cannot-start.ts';
import { openDatabase } from './start/open-database.ts';
import { createSay, type Say } from './start/say.ts';

type Command = { about: string; run: (config: Config, say: Say) => Promise<void> };

const commands: Readonly<Record<string, Command>> = {
  serve: {
    about: 'start the wallet with everything it needs (what npm start does)',
    run: async (config, say) => {
      const { serve } = await import('./start/serve.ts');
      await serve(config, say);
    },
  },
  migrate: {
    about: 'bring the database to the schema of this version, and stop',
    run: async (config, say) => {
      const database = await openDatabase(config, say);
      await database.stop();
      say('The database has the schema of this version');
    },
  },
  'check-ledger': {
    about: 'recompute the whole book from its transfers and name the first wrong row',
    run: async (config, say) => {
      const { checkBooks } = await import('./start/check-books.ts');
      await checkBooks(config, say);
    },
  },
};

const help = (): string => {
  const lines = (entries: [string, string][]) => {
    const width = Math.max(...entries.map(([name]) => name.length));
    return entries.map(([name, about]) => `  ${name.padEnd(width)}  ${about}`).join('\n');
  };
  const known = Object.entries(commands).map(([name, { about }]): [string, string] => [name, about]);
  return [
    'Purser 明账: a wallet that explains every failure.',
    `\nUse: node src/main.ts <command>\n\n${lines(known)}`,
    `\nEnvironment:\n\n${lines(Object.entries(variables))}\n`,
  ].join('\n');
};

async function main(words: readonly string[]): Promise<void> {
  const name = words.find((word) => !word.startsWith('-')) ?? 'serve';
  if (words.includes('--help') || words.includes('-h') || name === 'help') {
    process.stdout.write(help());
    return;
  }
  const command = commands[name];
  if (!command || words.length > 1) {
    process.stderr.write(`There is no command "${words.join(' ')}".\n\n${help()}`);
    process.exitCode = 1;
    return;
  }
  const say = createSay((line) => process.stdout.write(`${line}\n`));
  try {
    await command.run(readConfig(), say);
  } catch (error) {
    process.exitCode = 1;
    if (!(error instanceof CannotStart)) throw error;
    process.stderr.write(`\nPurser cannot start: ${error.message}\n`);
  }
}

await main(process.argv.slice(2));
