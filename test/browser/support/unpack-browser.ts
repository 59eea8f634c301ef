import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';

const decompress = promisify(brotliDecompress);
const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
const folder = join(dirname(entry), '../..');
const packed = join(folder, 'bin');
const cache = join(folder, '../../.cache');

export type UnpackedBrowser = { executable: string; environment: Record<string, string> };

/**
 * The browser that npm brings, unpacked once beside the packages. It comes with what a bare machine lacks: the NSS
 * libraries, used only where the system has none, and a font, used always, so that pictures are the same everywhere.
 */
export async function unpackBrowser(): Promise<UnpackedBrowser> {
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string };
  const place = join(cache, `browser-${version}-${process.arch}`);
  if (!existsSync(join(place, 'chromium'))) await unpackInto(place);
  const executable = join(place, 'chromium');
  const environment: Record<string, string> = { FONTCONFIG_FILE: join(place, 'fonts.conf') };
  if (lacksLibraries(executable)) environment['LD_LIBRARY_PATH'] = join(place, 'lib');
  return { executable, environment };
}

/** Made beside its place and renamed into it, so that two test files at once, or one cut short, do no harm. */
async function unpackInto(place: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const made = await mkdtemp(join(cache, 'browser-'));
  try {
    const program = await decompress(await readFile(join(packed, 'chromium.br')));
    await writeFile(join(made, 'chromium'), program, { mode: 0o755 });
    for (const name of ['fonts', 'swiftshader', 'al2023']) {
      untar(await decompress(await readFile(join(packed, `${name}.tar.br`))), made);
    }
    await writeFile(join(made, 'fonts.conf'), fontSettings(place));
    await rename(made, place);
  } catch (error) {
    if (!existsSync(join(place, 'chromium'))) throw error;
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

function untar(archive: Uint8Array, into: string): void {
  const result = spawnSync('tar', ['-x', '--no-same-owner', '-C', into], { input: archive });
  if (result.status !== 0) throw new Error(`tar cannot unpack the browser's files: ${result.stderr}`);
}

const fontSettings = (place: string): string => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${place}/fonts</dir><cachedir>${place}/font-cache</cachedir></fontconfig>
`;

function lacksLibraries(executable: string): boolean {
  const { stdout } = spawnSync('ldd', [executable], { encoding: 'utf8' });
  return typeof stdout === 'string' && stdout.includes('not found');
}
