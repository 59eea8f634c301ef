// npm run rooms               checks who imports whom against rooms.cjs
// npm run rooms -- --draw     draws the rooms into docs/architecture.md
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './read-sources.ts';
import { writeArchitecture } from './write-architecture.ts';

const [option] = process.argv.slice(2);
if (option === '--draw') {
  const [path, text] = writeArchitecture();
  writeFileSync(join(root, path), text);
} else if (option === undefined) {
  const folders = ['src', 'sandbox', 'web', 'test', 'bench', 'examples', 'tools'].filter((folder) =>
    existsSync(join(root, folder)),
  );
  const cruiser = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const { status } = spawnSync(process.execPath, [cruiser, ...folders], { cwd: root, stdio: 'inherit' });
  process.exitCode = status ?? 1;
} else {
  console.error(`No such option: ${option}. There is --draw.`);
  process.exitCode = 2;
}
