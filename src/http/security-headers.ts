import type { FastifyInstance } from 'fastify';

/**
 * What a browser may do with our pages: load from us alone, run no text as script, be framed by nobody. WebAssembly is
 * allowed to compile (the reader of codes is a module of ours); Trusted Types keep text from becoming markup.
 */
const contentRules: Readonly<Record<string, string>> = {
  'default-src': "'none'",
  'script-src': "'self' 'wasm-unsafe-eval'",
  'style-src': "'self'",
  'connect-src': "'self'",
  'img-src': "'self' data: blob:",
  'font-src': "'self'",
  'media-src': "'self' blob:",
  'manifest-src': "'self'",
  'worker-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'self'",
  'frame-ancestors': "'none'",
  'object-src': "'none'",
  'require-trusted-types-for': "'script'",
};

const headers: Readonly<Record<string, string>> = {
  'content-security-policy': Object.entries(contentRules)
    .map((rule) => rule.join(' '))
    .join(';'),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'permissions-policy': 'camera=(self), geolocation=(), microphone=(), payment=(), usb=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-download-options': 'noopen',
  'x-frame-options': 'DENY',
  'x-permitted-cross-domain-policies': 'none',
  // The filter of old browsers could itself be used for attacks.
  'x-xss-protection': '0',
};

/** Most of these are about pages. Who asks for JSON gets what OWASP's REST Security Cheat Sheet names for every answer. */
const ofApi: Readonly<Record<string, string>> = {
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** Every page has the same and so has every answer to a program: they are put together once. */
export function addSecurityHeaders(app: FastifyInstance, settings: { publicUrl: string }): void {
  const isHttps = settings.publicUrl.startsWith('https:');
  const ofTransport = isHttps ? { 'strict-transport-security': 'max-age=31536000' } : {};
  const toPages = { ...headers, ...ofTransport };
  const toPrograms = { ...ofApi, ...ofTransport };
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(request.url.startsWith('/v1/') ? toPrograms : toPages);
    done();
  });
}
