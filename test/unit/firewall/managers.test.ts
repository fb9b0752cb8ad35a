import { describe, expect, it } from '@jest/globals';
import { examineForward } from '../../../src/firewall/examine-forward.ts';
import { parseIptablesSave } from '../../../src/firewall/iptables.ts';
import { firewalldCommands } from '../../../src/firewall/managers.ts';
import { parseNftRuleset } from '../../../src/firewall/nftables.ts';
import { combineTables, formatPlace, type Table } from '../../../src/firewall/ruleset.ts';
import type { Forward } from '../../../src/records/nat.ts';
import { ipv4, link, route } from '../plan/state.ts';
import { tablesOf } from './hosts.ts';

const web: Forward = {
  ...{ family: 'ipv4', protocol: 'tcp', listen: [], ports: [8080, 8080] },
  target: { address: '192.168.132.10', port: 80, subnet: '192.168.132.0/24', dev: 'keenbr0' },
};
const host = {
  links: [
    link('eth0', { addresses: [ipv4('192.0.2.1', 24)] }),
    link('keenbr0', { addresses: [ipv4('192.168.132.1', 24)] }),
  ],
  routes: [route('0.0.0.0/0', 'eth0'), route('192.0.2.0/24', 'eth0'), route('192.168.132.0/24', 'keenbr0')],
};
const examine = (tables: readonly Table[], from?: 'outside' | 'network') =>
  examineForward(web, { forwards: [web], sources: [] }, { ...host, backend: 'nftables', tables }, from);

describe('rules of ufw next to libvirt with nftables', () => {
  const without = (tables: readonly Table[], prefix: string): readonly Table[] =>
    tables.map((table) => ({
      ...table,
      chains: table.chains.map((chain) => (chain.name.startsWith(prefix) ? { ...chain, rules: [] } : chain)),
    }));
  const ufw = without(tablesOf('ufw'), 'LIBVIRT_');
  const commands = (tables: readonly Table[], from?: 'outside' | 'network') =>
    examine(tables, from)?.admissions.map(({ command }) => command);

  it('are changed by a command of ufw', () => {
    expect(commands(ufw)).toEqual(['ufw route allow in on eth0 out on keenbr0 to 192.168.132.10 port 80 proto tcp']);
    expect(commands(ufw, 'network')).toEqual([
      'ufw route allow in on keenbr0 out on keenbr0 to 192.168.132.10 port 80 proto tcp',
    ]);
  });

  it('are changed by iptables once ufw is disabled, which leaves its chains empty', () => {
    expect(commands(without(ufw, 'ufw'))?.[0]).toMatch(/^iptables -t filter -A FORWARD /);
  });
});

/** A part of what firewalld 2.3 writes with StrictForwardPorts=yes. */
const strict = (accepted: readonly unknown[]): readonly Table[] => {
  const place = { family: 'inet', table: 'firewalld' };
  const hooked = { ...place, type: 'filter', hook: 'forward', prio: 10, policy: 'accept' };
  const rule = (chain: string, ...expr: readonly unknown[]) => ({ rule: { ...place, chain, handle: 30, expr } });
  const from = (name: string) => ({ match: { op: '==', left: { meta: { key: 'iifname' } }, right: name } });
  const dnat = { match: { op: 'in', left: { ct: { key: 'status' } }, right: 'dnat' } };
  return parseNftRuleset(
    JSON.stringify({
      nftables: [
        { table: { family: 'inet', name: 'firewalld', handle: 1, flags: ['owner', 'persist'] } },
        { chain: { ...hooked, name: 'filter_FORWARD' } },
        ...['filter_FORWARD_dnat', 'nat_PREROUTING_POLICIES'].map((name) => ({ chain: { ...place, name } })),
        rule('filter_FORWARD', dnat, { jump: { target: 'filter_FORWARD_dnat' } }),
        ...accepted,
        rule('filter_FORWARD_dnat', { reject: { type: 'icmpx', expr: 'admin-prohibited' } }),
        rule('nat_PREROUTING_POLICIES', from('keenbr0'), { jump: { target: 'nat_PRE_policy_allow-host-ipv6' } }),
        rule('nat_PREROUTING_POLICIES', from('keenbr0'), { jump: { target: 'nat_PRE_libvirt' } }),
        rule('nat_PREROUTING_POLICIES', { jump: { target: 'nat_PRE_policy_allow-host-ipv6' } }),
        rule('nat_PREROUTING_POLICIES', { jump: { target: 'nat_PRE_public' } }),
      ],
    }),
  );
};

describe('rules of firewalld with StrictForwardPorts', () => {
  it('reject a forward of another program, and accept it with a forward of firewalld’s own', () => {
    const report = examine(strict([]));
    expect(report?.obstacle?.kind === 'rule' && formatPlace(report.obstacle.place)).toBe(
      'nft table inet firewalld, chain filter_FORWARD_dnat, rule reject # handle 30',
    );
    const original = { ct: { key: 'proto-dst', dir: 'original' } };
    const accepts = (port: number) => ({
      rule: {
        ...{ family: 'inet', table: 'firewalld', chain: 'filter_FORWARD_dnat' },
        expr: [{ match: { op: '==', left: original, right: port } }, { accept: null }],
      },
    });
    expect(examine(strict([accepts(8080)]))?.obstacle).toBeUndefined();
    expect(examine(strict([accepts(80)]))?.obstacle).toBeDefined();
  });

  it('are changed by commands of firewalld, in the zone of the device', () => {
    const [table] = strict([]);
    const rule = (family: string, ports: string, to: string) =>
      `rule family="${family}" forward-port port="${ports}" protocol="tcp" ${to}`;
    expect(firewalldCommands(web, table!, 'eth0')).toEqual([
      `firewall-cmd --permanent --zone=public --add-rich-rule='${rule('ipv4', '8080', 'to-port="80" to-addr="192.168.132.10"')}'`,
      'firewall-cmd --reload',
    ]);
    const range: Forward = {
      ...{ family: 'ipv6', protocol: 'tcp', listen: [], ports: [8000, 8010] },
      target: { ...web.target, address: 'fd00::10', port: 9000 },
    };
    expect(firewalldCommands(range, table!, 'keenbr0')[0]).toBe(
      `firewall-cmd --permanent --zone=libvirt --add-rich-rule='${rule('ipv6', '8000-8010', 'to-port="9000-9010" to-addr="fd00::10"')}'`,
    );
  });
});

describe('tables of iptables-legacy', () => {
  const nft = parseNftRuleset(JSON.stringify({ nftables: [{ table: { family: 'ip', name: 'filter', handle: 1 } }] }));
  const saved = (variant: string) =>
    parseIptablesSave(
      `# Generated by iptables-save v1.8.9 ${variant}on Sun Nov 29 21:06:43 2026\n*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n`,
      'ip',
    );

  it('exist in addition to tables of nftables with the same names, which iptables-nft has', () => {
    expect(combineTables(nft, saved('')).map(({ tool }) => tool)).toEqual(['nft', 'iptables']);
    expect(combineTables(nft, saved('(nf_tables) ')).map(({ tool }) => tool)).toEqual(['iptables']);
  });
});
