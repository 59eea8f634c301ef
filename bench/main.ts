/** `npm run bench -- <name>`: measures, prints, asserts nothing. Compare ratios of one run, not figures of two days. */
const benches: Readonly<Record<string, string>> = {
  start: 'from an installed clone to ready, and memory at rest',
  web: 'size of the first load, and time to usable on a slow phone',
  ledger: 'transfers a second of each design, beside the baselines',
  http: 'transfers over HTTP by many people, with limits and idempotency on',
};

const [name = '', ...words] = process.argv.slice(2);
if (!Object.hasOwn(benches, name)) {
  console.log('Use: npm run bench -- <name> [--quick] [--json]\n');
  for (const [each, about] of Object.entries(benches)) console.log(`  ${each.padEnd(8)} ${about}`);
  process.exitCode = name === '' ? 0 : 1;
} else {
  const { run } = (await import(`./${name}.ts`)) as { run: (words: readonly string[]) => Promise<void> };
  await run(words);
}
