import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { build, defineConfig, type Plugin } from 'vite';

const root = import.meta.dirname;

/** What the registry says to supporters and to programmers is not sent to everybody's phone. */
const onlyForPeople: Plugin = {
  name: 'only-for-people',
  enforce: 'pre',
  transform: (code, id) =>
    /src\/causes\/(actions|registry\/[a-z-]+)\.ts$/.test(id)
      ? code.replaceAll(/\b(?:does|supportHint):\s*(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"),/g, '')
      : undefined,
};

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

/**
 * Writes verify.html: the page that checks receipts, whole in one file that can be kept and opened anywhere. The rules in
 * its head let it run its own script and nothing else, and reach no network at all.
 */
const offlinePage: Plugin = {
  name: 'offline-page',
  apply: 'build',
  async generateBundle() {
    const { script, style } = await buildOfflineParts();
    const frame = await readFile(join(root, 'verify/page.html'), 'utf8');
    const allow = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    const rules = [
      "default-src 'none'",
      `script-src ${allow(script)}`,
      `style-src ${allow(style)}`,
      'font-src data:',
      "base-uri 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
    ];
    const parts: Readonly<Record<string, string>> = {
      rules: `<meta http-equiv="Content-Security-Policy" content="${rules.join('; ')}" />`,
      style: `<style>${style}</style>`,
      script: `<script type="module">${script}</script>`,
    };
    const source = frame.replace(/<!-- (rules|style|script) -->/g, (_, name: string) => parts[name] ?? '');
    this.emitFile({ type: 'asset', fileName: 'verify.html', source });
  },
};

async function buildOfflineParts(): Promise<{ script: string; style: string }> {
  const built = await build({
    configFile: false,
    root,
    publicDir: false,
    logLevel: 'error',
    build: {
      write: false,
      target: 'es2023',
      modulePreload: false,
      rolldownOptions: { input: join(root, 'verify/main.ts') },
    },
  });
  const outputs = [built].flat().flatMap((each) => ('output' in each ? each.output : []));
  const script = outputs.flatMap((each) => (each.type === 'chunk' ? [each.code] : [])).join('');
  const style = outputs
    .flatMap((each) => (each.type === 'asset' && each.fileName.endsWith('.css') ? [String(each.source)] : []))
    .join('');
  // What would end the element early would not be what the rules allow.
  if (/<\/(script|style)/i.test(script + style) || script === '' || style === '')
    throw new Error('the parts of verify.html cannot stand in one page');
  return { script, style };
}

/** The wallet's app. Everything is served from our own origin: the policy of the page allows nothing else. */
export default defineConfig(({ mode }) => ({
  root,
  publicDir: join(root, 'public'),
  plugins: [onlyForPeople, react(), offlinePage, compressed],
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
