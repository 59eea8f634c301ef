// The rules are made from rooms.cjs; only how they are checked is written here.
const { rooms, featurePairs, libraries, browserRooms } = require('./rooms.cjs');

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const inside = (path) => `^${escaped(path)}${/\.ts$/.test(path) ? '$' : '/'}`;
/** The paths of rooms, as the patterns that the checker takes. */
const within = (names) => names.flatMap((name) => [rooms[name].path].flat().map(inside));
const ours = '^(src|sandbox|web|test|bench|examples|tools)/';

const roomRules = Object.entries(rooms).map(([name, { may, because }]) => ({
  name: `room:${name}`,
  comment: `${name} imports only ${may.join(', ') || 'itself'}: ${because}`,
  severity: 'error',
  from: { path: within([name]) },
  to: { path: ours, pathNot: within([name, ...may]) },
}));

// A file directly under src/features, and shared folders named in the pairs, are the exceptions to "each for itself".
const featureRules = [
  {
    name: 'features:apart',
    comment: 'a feature imports another one only if rooms.cjs lists the pair',
    severity: 'error',
    from: {
      path: '^src/features/([^/]+)/',
      pathNot: [...new Set(featurePairs.map(([from]) => from))].map((from) => `^src/features/${escaped(from)}/`),
    },
    to: { path: '^src/features/[^/]+/', pathNot: '^src/features/$1/' },
  },
  ...[...new Set(featurePairs.map(([from]) => from))].map((from) => ({
    name: `features:${from}`,
    comment: 'a feature imports another one only if rooms.cjs lists the pair',
    severity: 'error',
    from: { path: `^src/features/${escaped(from)}/` },
    to: {
      path: '^src/features/[^/]+/',
      pathNot: [from, ...featurePairs.filter(([one]) => one === from).map(([, other]) => other)].map(
        (other) => `^src/features/${escaped(other)}/`,
      ),
    },
  })),
];

const libraryRules = Object.entries(libraries).map(([library, allowed]) => ({
  name: `library:${library}`,
  comment: `${library} is used in ${allowed.join(', ')} only`,
  severity: 'error',
  from: { path: '^(src|sandbox|web)/', pathNot: within(allowed) },
  to: { path: `node_modules/${escaped(library)}${library.endsWith('/') ? '' : '/'}` },
}));

module.exports = {
  forbidden: [
    ...roomRules,
    ...featureRules,
    ...libraryRules,
    {
      name: 'no-circles',
      comment: 'no circles anywhere, types included',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'browser-rooms-without-node',
      comment: 'these rooms also run in the browser',
      severity: 'error',
      from: { path: within(browserRooms) },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'program-knows-no-tests',
      comment: 'tests, tools and measurements know the program, never the other way round',
      severity: 'error',
      from: { path: '^(src|sandbox|web)/' },
      to: { path: '^(test|bench|examples|tools)/' },
    },
    {
      name: 'examples-from-outside',
      comment: 'an example uses what anybody outside could use',
      severity: 'error',
      from: { path: '^examples/' },
      to: { path: '^(src|sandbox|web|test|tools)/' },
    },
    {
      name: 'resolvable',
      comment: 'what cannot be found cannot be checked',
      severity: 'error',
      from: {},
      // Fastify's own types are found by the compiler only, addresses of files (`?url`) by the builder.
      to: { couldNotResolve: true, pathNot: ['^fastify/types/', '\\?url$'] },
    },
    {
      name: 'declared-libraries',
      comment: 'a library must stand in package.json, and one for development is not there when the program runs',
      severity: 'error',
      from: { path: '^(src|sandbox)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'every-file-in-a-room',
      comment: 'a file of the program that belongs to no room has no rules',
      severity: 'error',
      // How the app is built is no part of the app.
      from: { path: '^(src|sandbox|web)/', pathNot: [...within(Object.keys(rooms)), '^web/vite\\.config\\.ts$'] },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(web/dist|node_modules/\\.)' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json', '.css'],
    },
    skipAnalysisNotInRules: true,
  },
};
