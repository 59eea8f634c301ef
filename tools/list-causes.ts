// npm run causes               every cause in one line, with whether it is live and reproduced
// npm run causes -- --json     every cause with its fields, the places that raise it and the tests that reproduce it
// npm run causes -- --write    writes the pages in docs/causes
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { causeCodes, causeOf } from '../src/causes/registry.ts';
import { findLiveCauses, findReproductions } from './find-live-causes.ts';
import { root } from './read-sources.ts';
import { writeCausePages } from './write-cause-pages.ts';

function listCauses() {
  const live = findLiveCauses();
  const reproductions = findReproductions();
  return causeCodes.map((code) => ({
    code,
    ...causeOf(code),
    live: live.has(code),
    raisedAt: (live.get(code) ?? []).map(({ path, line }) => `${path}:${line}`),
    reproducedBy: (reproductions.get(code) ?? []).map(({ path, line, test }) => ({ test, at: `${path}:${line}` })),
  }));
}

function printTable(): void {
  const causes = listCauses();
  for (const { code, side, retry, live, reproducedBy } of causes) {
    const state = !live ? 'not yet raised' : (reproducedBy[0]?.at ?? 'NOT REPRODUCED');
    console.log(`${code.padEnd(36)} ${side.padEnd(12)} ${retry.padEnd(13)} ${state}`);
  }
  const live = causes.filter((cause) => cause.live);
  const proven = live.filter((cause) => cause.reproducedBy.length > 0);
  console.log(`\n${causes.length} causes, ${live.length} live, ${proven.length} of these reproduced by a test`);
}

function writePages(): void {
  for (const [path, text] of writeCausePages()) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

const [option] = process.argv.slice(2);
if (option === undefined) printTable();
else if (option === '--json') console.log(JSON.stringify(listCauses(), null, 2));
else if (option === '--write') writePages();
else {
  console.error(`No such option: ${option}. There are --json and --write.`);
  process.exitCode = 2;
}
