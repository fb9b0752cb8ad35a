/** A program in place of iptables-restore, for tests of its input. */
import { parseIptablesSave } from '../../../src/firewall/iptables.ts';
import { combineTables, type Table } from '../../../src/firewall/ruleset.ts';

/** The tables of iptables as iptables-restore --noflush leaves them. */
export function restored(tables: readonly Table[], text: string): readonly Table[] {
  const lines = new Map<string, string[]>();
  for (const { name, chains } of tables.filter(({ tool, family }) => tool === 'iptables' && family === 'ip')) {
    lines.set(
      name,
      chains.flatMap((chain) => [`:${chain.name} ${chain.base ? 'ACCEPT' : '-'} [0:0]`]),
    );
    for (const chain of chains) lines.get(name)?.push(...chain.rules.map((rule) => `-A ${chain.name} ${rule.text}`));
  }
  let table = '';
  for (const line of text.split('\n')) {
    const all = lines.get(table) ?? [];
    const [verb, chain, ...rest] = line.split(' ');
    if (line.startsWith('*')) {
      table = line.slice(1);
      if (!lines.has(table))
        lines.set(table, [':PREROUTING ACCEPT [0:0]', ':OUTPUT ACCEPT [0:0]', ':POSTROUTING ACCEPT [0:0]']);
    } else if (line.startsWith(':')) {
      const name = line.slice(1).split(' ')[0] ?? '';
      lines.set(table, [
        ...all.filter((each) => !each.startsWith(`-A ${name} `) && !each.startsWith(`:${name} `)),
        line,
      ]);
    } else if (verb === '-A') all.push(line);
    else if (verb === '-I')
      all.splice(
        all.findIndex((each) => each.startsWith('-A')),
        0,
        `-A ${chain ?? ''} ${rest.slice(1).join(' ')}`,
      );
    else if (verb === '-D') all.splice(all.indexOf(`-A ${chain ?? ''} ${rest.join(' ')}`), 1);
    else if (verb === '-F')
      lines.set(
        table,
        all.filter((each) => !each.startsWith(`-A ${chain ?? ''} `)),
      );
    else if (verb === '-X')
      lines.set(
        table,
        all.filter((each) => !each.startsWith(`:${chain ?? ''} `)),
      );
  }
  const saved = [...lines].map(([name, all]) => `*${name}\n${all.join('\n')}\nCOMMIT\n`).join('');
  return combineTables(
    tables.filter(({ tool }) => tool === 'nft'),
    parseIptablesSave(saved, 'ip'),
  );
}
