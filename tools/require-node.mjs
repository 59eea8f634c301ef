// Plain JavaScript that every old Node can read: on Linux npm brings the right Node, elsewhere the person is told.
const needed = 26;
const found = Number(process.versions.node.split('.')[0]);
if (found < needed) {
  console.error(
    process.platform === 'linux'
      ? `Purser needs Node ${needed}, which \`npm ci\` brings along; this is Node ${process.versions.node}. ` +
          'Run `npm ci` again without omitting optional packages.'
      : `Purser needs Node ${needed} or later; this is Node ${process.versions.node}. ` +
          'Install it from https://nodejs.org and start again.',
  );
  process.exit(1);
}
