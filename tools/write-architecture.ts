import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from './read-sources.ts';

type Room = { readonly path: string | readonly string[]; readonly may: readonly string[]; readonly because: string };
type Rooms = {
  readonly rooms: Readonly<Record<string, Room>>;
  readonly featurePairs: readonly (readonly [string, string])[];
};

const { rooms, featurePairs } = createRequire(import.meta.url)('../rooms.cjs') as Rooms;

const nodeOf = (name: string): string => name.replace(/\W/g, '_');

/** Rooms that a room may import and does not already reach through another one: the picture shows no arrow twice. */
function directly(name: string): string[] {
  const may = rooms[name]?.may ?? [];
  const reach = (from: string): string[] => (rooms[from]?.may ?? []).flatMap((next) => [next, ...reach(next)]);
  return may.filter((other) => !may.some((between) => between !== other && reach(between).includes(other)));
}

function drawPicture(): string {
  const names = Object.keys(rooms);
  return [
    '```mermaid',
    'flowchart TD',
    ...names.map((name) => `  ${nodeOf(name)}["${name}"]`),
    ...names.flatMap((name) => directly(name).map((other) => `  ${nodeOf(name)} --> ${nodeOf(other)}`)),
    '```',
  ].join('\n');
}

function listRooms(): string {
  const rows = Object.entries(rooms).map(
    ([name, { path, may, because }]) =>
      `| ${name} | ${[path]
        .flat()
        .map((one) => `\`${one}\``)
        .join(', ')} | ${may.join(', ') || 'nothing of ours'} | ${because} |`,
  );
  return ['| room | where | may import | because |', '|---|---|---|---|', ...rows].join('\n');
}

function listPairs(): string {
  if (featurePairs.length === 0) return 'No feature imports another one.';
  const rows = [...new Set(featurePairs.map(([from]) => from))].map(
    (from) =>
      `| ${from} | ${featurePairs
        .filter(([one]) => one === from)
        .map(([, other]) => other)
        .join(', ')} |`,
  );
  return ['| feature | may import |', '|---|---|', ...rows].join('\n');
}

const PATH = 'docs/architecture.md';
const parts: Readonly<Record<string, () => string>> = { picture: drawPicture, rooms: listRooms, features: listPairs };

/** The page about the architecture with its picture and tables as rooms.cjs gives them; the text around them stays. */
export function writeArchitecture(): [path: string, text: string] {
  let text = readFileSync(join(root, PATH), 'utf8');
  for (const [part, write] of Object.entries(parts)) {
    const between = new RegExp(`(<!-- ${part} -->\n)[^]*?(<!-- end of ${part} -->)`);
    text = text.replace(between, (_, begin: string, end: string) => `${begin}\n${write()}\n\n${end}`);
  }
  return [PATH, text];
}
