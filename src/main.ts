import { type Config, readConfig, variables } from './config.ts';
import { CannotStart } from './database/cannot-start.ts';
import { openDatabase } from './start/open-database.ts';
import { createSay, type Say } from './start/say.ts';

/** `words`: what follows its name; a command without `takes` takes none. */
type Command = {
  about: string;
  takes?: true;
  run: (config: () => Config, say: Say, words: readonly string[]) => Promise<void>;
};

const commands: Readonly<Record<string, Command>> = {
  serve: {
    about: 'start the wallet with everything it needs (what npm start does)',
    run: async (config, say) => {
      const { serve } = await import('./start/serve.ts');
      await serve(config(), say);
    },
  },
  migrate: {
    about: 'bring the database to the schema of this version, and stop',
    run: async (config, say) => {
      const database = await openDatabase(config(), say);
      await database.stop();
      say('The database has the schema of this version');
    },
  },
  'check-ledger': {
    about:
      'recompute the whole book, name the first wrong row; check-ledger --head file: also hold it to a head you kept',
    takes: true,
    run: async (config, say, words) => {
      const { checkBooks } = await import('./start/check-books.ts');
      await checkBooks(config(), say, words);
    },
  },
  'rotate-key': {
    about: 'give the book another signing key, for which the one before vouches',
    run: async (config, say) => {
      const { rotateKey } = await import('./start/rotate-key.ts');
      await rotateKey(config(), say);
    },
  },
  verify: {
    about: 'say whether a receipt holds, offline: verify receipt.json [--key file] [--head file] [--consistency file]',
    takes: true,
    run: async (_config, _say, words) => {
      const { verifyReceiptFile } = await import('./start/verify-receipt.ts');
      const holds = await verifyReceiptFile(words, (sentence) => process.stdout.write(`${sentence}\n`));
      if (!holds) process.exitCode = 1;
    },
  },
  review: {
    about: 'what only people can end: review list | show | settle | confirm',
    takes: true,
    run: async (config, _say, words) => {
      const [{ review }, { tellRefusal }] = await Promise.all([
        import('./operator/review-command.ts'),
        import('./operator/refuse.ts'),
      ]);
      await tellRefusal(() => review(config(), words, (line) => process.stdout.write(`${line}\n`)));
    },
  },
  operator: {
    about: 'who may decide in reviews: operator add <name> | operator remove <name>',
    takes: true,
    run: async (config, _say, words) => {
      const [{ operator }, { tellRefusal }] = await Promise.all([
        import('./operator/operator-command.ts'),
        import('./operator/refuse.ts'),
      ]);
      await tellRefusal(() => operator(config(), words, (line) => process.stdout.write(`${line}\n`)));
    },
  },
  account: {
    about: 'a person’s account: account show | list | compare | freeze | lift | close | reopen | confirm',
    takes: true,
    run: async (config, _say, words) => {
      const [{ account }, { tellRefusal }] = await Promise.all([
        import('./operator/account-command.ts'),
        import('./operator/refuse.ts'),
      ]);
      await tellRefusal(() => account(config(), words, (line) => process.stdout.write(`${line}\n`)));
    },
  },
  merchant: {
    about: 'shops and others that are paid: merchant add | list | new-key | webhook | close | open',
    takes: true,
    run: async (config, _say, words) => {
      const [{ merchant }, { tellRefusal }] = await Promise.all([
        import('./operator/merchant-command.ts'),
        import('./operator/refuse.ts'),
      ]);
      await tellRefusal(() => merchant(config(), words, (line) => process.stdout.write(`${line}\n`)));
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
  const [name = 'serve', ...rest] = words;
  if (words.includes('--help') || words.includes('-h') || name === 'help') {
    process.stdout.write(help());
    return;
  }
  const command = commands[name];
  if (!command || (rest.length > 0 && !command.takes)) {
    const all = 'All commands: npm run -s purser -- help';
    const what = command ? `"${name}" takes nothing after it` : `There is no command "${name}"`;
    process.stderr.write(`${what}. ${all}\n`);
    process.exitCode = 1;
    return;
  }
  const say = createSay((line) => process.stdout.write(`${line}\n`));
  try {
    await command.run(readConfig, say, rest);
  } catch (error) {
    process.exitCode = 1;
    if (!(error instanceof CannotStart)) throw error;
    process.stderr.write(name === 'serve' ? `\nPurser cannot start: ${error.message}\n` : `${error.message}\n`);
  }
}

// Whoever read along may leave early (`… | head`), which ends neither what is being done nor a wallet that serves.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
await main(process.argv.slice(2));
