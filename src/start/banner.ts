import { type Config, shownHost } from '../config.ts';

/** People and cards that the sandbox offers for trying, as its desk gives them. */
export type Samples = {
  people: { name: string; idNumber: string; phone: string }[];
  cards: { bank: string; number: string; holder: string; about: string }[];
};

/** What a person needs to know once everything runs. */
export function writeBanner(config: Config, samples: Samples | undefined): string {
  const addresses: [string, string, string][] = [['Wallet', config.publicUrl, 'open it on a phone or in any window']];
  if (config.mode === 'sandbox') {
    addresses.push(
      [
        'Sandbox desk',
        `http://${shownHost(config)}:${config.sandboxPort}`,
        'the phones with their SMS codes, the banks',
      ],
      ['Shop', `http://${shownHost(config)}:${config.shopPort}`, 'something to pay for'],
    );
  }
  addresses.push(['API description', `${config.publicUrl}/openapi.json`, 'OpenAPI 3.1']);
  const lines = ['', 'Purser 明账 is ready.', '', ...columns(addresses, '  ')];
  if (samples) {
    const holders = new Set(samples.cards.map((card) => card.holder));
    const people = samples.people
      .filter((one) => holders.has(one.name))
      .map((one) => [one.name, one.phone, `ID ${one.idNumber}`]);
    const cards = samples.cards.map((one) => [one.bank, one.number, `${one.holder}, ${one.about}`]);
    lines.push(
      '',
      'To try (nobody of these exists, and no money is real):',
      '',
      ...columns([...people, ...cards], '  '),
    );
    lines.push('', `  Each SMS code shows on the phone at the sandbox desk.`);
  }
  lines.push('', config.mode === 'sandbox' ? 'Ctrl-C stops everything.' : '', '');
  return lines.join('\n');
}

function columns(rows: readonly (readonly string[])[], indent: string): string[] {
  const width = (text: string) => [...text].reduce((sum, letter) => sum + (letter > '\u2e7f' ? 2 : 1), 0);
  const widths = rows.reduce<number[]>((all, row) => row.map((text, i) => Math.max(all[i] ?? 0, width(text))), []);
  return rows.map((row) =>
    (indent + row.map((text, i) => text + ' '.repeat((widths[i] ?? 0) - width(text))).join('   ')).trimEnd(),
  );
}
