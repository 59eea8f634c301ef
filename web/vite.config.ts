import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const root = import.meta.dirname;

/** Writes each text file compressed beside itself, once, so that no request waits for it. Fonts and pictures are so already. */
const compressed: Plugin = {
  name: 'compressed',
  async writeBundle({ dir = '' }) {
    const files = await readdir(dir, { recursive: true });
    const texts = files.filter((file) => /\.(js|css|html|svg|json|webmanifest)$/.test(file));
    const compress = promisify(brotliCompress);
    await Promise.all(
      texts.map(async (file) => writeFile(join(dir, `${file}.br`), await compress(await readFile(join(dir, file))))),
    );
  },
};

/** The wallet's app. Everything is served from our own origin: the policy of the page allows nothing else. */
export default defineConfig(({ mode }) => ({
  root,
  publicDir: join(root, 'public'),
  plugins: [react(), compressed],
  define: { __GALLERY__: JSON.stringify(mode === 'gallery') },
  server: { host: '127.0.0.1', proxy: { '/v1': 'http://127.0.0.1:7070' } },
  build: {
    outDir: join(root, 'dist'),
    emptyOutDir: true,
    target: 'es2023',
    // No inline scripts, styles or data: fonts; the page may run only what has an address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 400,
  },
}));
