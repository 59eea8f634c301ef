import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Row } from './ledger-measure.ts';

/** Two pictures of a full run, drawn by hand: how the rate holds as the books grow, and how long callers wait. */

export type GrowthPoint = { transfers: number; transfersPerSecond: number };
type Series = { name: string; color: string; dashed?: boolean; points: readonly { x: number; y: number }[] };
type Axis = { title: string; ticks: readonly number[]; log?: boolean; show: (value: number) => string };

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [720, 400, 80, 24, 48, 56];

const scale = ({ ticks, log }: Axis, from: number, to: number): ((value: number) => number) => {
  const f = (value: number) => (log ? Math.log10(value) : value);
  const [low, high] = [f(ticks[0] ?? 0), f(ticks.at(-1) ?? 1)];
  return (value) => from + ((f(value) - low) / (high - low)) * (to - from);
};

function draw(title: string, x: Axis, y: Axis, series: readonly Series[]): string {
  const [toX, toY] = [scale(x, LEFT, WIDTH - RIGHT), scale(y, HEIGHT - BOTTOM, TOP)];
  const n = (value: number) => value.toFixed(1);
  const text = (tx: number, ty: number, anchor: string, words: string) =>
    `<text x="${n(tx)}" y="${n(ty)}" text-anchor="${anchor}">${words}</text>`;
  const lines = series.flatMap(({ name, color, dashed, points }, index) => [
    `<polyline fill="none" stroke="${color}" stroke-width="2"${dashed ? ' stroke-dasharray="6 4"' : ''} points="${points
      .map((point) => `${n(toX(point.x))},${n(toY(point.y))}`)
      .join(' ')}"/>`,
    ...points.map((point) => `<circle cx="${n(toX(point.x))}" cy="${n(toY(point.y))}" r="3" fill="${color}"/>`),
    `<rect x="${LEFT + 12 + index * 210}" y="30" width="14" height="4" fill="${color}"/>`,
    text(LEFT + 32 + index * 210, 36, 'start', name),
  ]);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#333">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="${LEFT}" y="18" font-size="14" font-weight="bold">${title}</text>`,
    ...y.ticks.map(
      (tick) =>
        `<path d="M${LEFT} ${n(toY(tick))}H${WIDTH - RIGHT}" stroke="#ddd"/>${text(LEFT - 8, toY(tick) + 4, 'end', y.show(tick))}`,
    ),
    ...x.ticks.map((tick) => text(toX(tick), HEIGHT - BOTTOM + 20, 'middle', x.show(tick))),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, 'middle', x.title),
    `<text transform="translate(16 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">${y.title}</text>`,
    ...lines,
    '</svg>\n',
  ].join('\n');
}

/** Even steps from nothing to just above the largest value. */
function ticksUpTo(largest: number): number[] {
  const rough = Math.max(largest, 1) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((each) => each * power >= rough) ?? 10);
  return Array.from({ length: Math.ceil(largest / step) + 1 }, (_, index) => index * step);
}

const ofDesign = (rows: readonly Row[], design: string, value: (row: Row) => number) =>
  rows
    .filter((row) => row.design === design)
    .map((row) => ({ x: row.callers, y: Math.max(0.1, value(row)) }))
    .toSorted((a, b) => a.x - b.x);

const colors = { writer: '#0b6e4f', other: '#b3541e' };

export async function writePlots(folder: string, rows: readonly Row[], growth: readonly GrowthPoint[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const latency = draw(
    'How long a caller waits (PostgreSQL 18, full durability)',
    {
      title: 'callers at once',
      ticks: [1, 10, 100, 1_000, 10_000, 100_000],
      log: true,
      show: (tick) => tick.toLocaleString('en'),
    },
    { title: 'milliseconds', ticks: [0.1, 1, 10, 100, 1_000], log: true, show: String },
    [
      { name: 'writer, median', color: colors.writer, points: ofDesign(rows, 'writer', (row) => row.p50Ms) },
      {
        name: 'writer, 99 of 100',
        color: colors.writer,
        dashed: true,
        points: ofDesign(rows, 'writer', (row) => row.p99Ms),
      },
      {
        name: 'a transaction each, median',
        color: colors.other,
        points: ofDesign(rows, 'transaction-per-transfer', (row) => row.p50Ms),
      },
    ],
  );
  await writeFile(join(folder, 'ledger-latency.svg'), latency);
  if (growth.length < 2) return;
  const points = growth.map(({ transfers, transfersPerSecond }) => ({ x: transfers / 1e6, y: transfersPerSecond }));
  const thousands = (tick: number) => tick.toLocaleString('en');
  const picture = draw(
    'Transfers a second while the books grow',
    {
      title: 'million transfers in the books',
      ticks: ticksUpTo(Math.max(...points.map((point) => point.x))),
      show: thousands,
    },
    { title: 'transfers a second', ticks: ticksUpTo(Math.max(...points.map((point) => point.y))), show: thousands },
    [{ name: 'writer, 8,192 callers', color: colors.writer, points }],
  );
  await writeFile(join(folder, 'ledger-growth.svg'), picture);
}
