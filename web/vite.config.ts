import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const root = import.meta.dirname;

/** The wallet's app. Everything is served from our own origin: the policy of the page allows nothing else. */
export default defineConfig(({ mode }) => ({
  root,
  publicDir: join(root, 'public'),
  plugins: [react()],
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
