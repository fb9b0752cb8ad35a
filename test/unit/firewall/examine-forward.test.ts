import { describe, expect, it } from '@jest/globals';
import { admittedLines, isAdmitted } from '../../../src/firewall/admitted.ts';
import { admittedRules, examineForward } from '../../../src/firewall/examine-forward.ts';
import { natTransactions } from '../../../src/firewall/nat-text.ts';
import { formatPlace, type Table } from '../../../src/firewall/ruleset.ts';
import type { Forward } from '../../../src/records/nat.ts';
import { ipv4, link, route } from '../plan/state.ts';
import { tablesOf, type HostName } from './hosts.ts';
import { restored } from './restored.ts';

const web: Forward = {
  ...{ family: 'ipv4', protocol: 'tcp', listen: [], ports: [8080, 8080] },
  target: { address: '192.168.132.10', port: 80, subnet: '192.168.132.0/24', dev: 'keenbr0' },
};
const host = {
  backend: 'iptables',
  links: [
    link('eth0', { addresses: [ipv4('192.0.2.1', 24)] }),
    link('keenbr0', { addresses: [ipv4('192.168.132.1', 24)] }),
  ],
  routes: [route('0.0.0.0/0', 'eth0'), route('192.0.2.0/24', 'eth0'), route('192.168.132.0/24', 'keenbr0')],
} as const;
const rules = { forwards: [web], sources: [] };
const examine = (tables: readonly Table[]) => examineForward(web, rules, { ...host, tables });

describe('connections to a forward', () => {
  it.each<HostName>(['libvirt', 'docker', 'ufw', 'firewalld'])('pass the rules of %s', (name) => {
    expect(examine(tablesOf(name))?.obstacle).toBeUndefined();
  });

  it('are stopped by a second table, which is named with the rule that admits them', () => {
    const report = examine(tablesOf('second-table'));
    expect(report?.obstacle?.kind === 'rule' && formatPlace(report.obstacle.place)).toBe(
      'nft table inet guard, chain forward, policy drop',
    );
    expect(report && admittedRules('8080/tcp', report)).toMatchObject([
      {
        ...{ tool: 'nft', family: 'inet', table: 'guard', chain: 'forward', comment: 'kvmnet:8080/tcp:1' },
        words: [
          'iifname',
          '"eth0"',
          'oifname',
          '"keenbr0"',
          'ip',
          'daddr',
          '192.168.132.10',
          'tcp',
          'dport',
          '80',
          'accept',
        ],
      },
    ]);
  });

  it('are stopped on a host whose backend is nftables by the policy of iptables', () => {
    const drop: Table = {
      ...{ tool: 'iptables', family: 'ip', name: 'filter' },
      chains: [{ name: 'FORWARD', base: { hook: 'forward', priority: 0, policy: 'drop', isNat: false }, rules: [] }],
    };
    const libvirt: Table = {
      ...{ tool: 'nft', family: 'ip', name: 'libvirt_network' },
      chains: [{ name: 'forward', base: { hook: 'forward', priority: 0, policy: 'accept', isNat: false }, rules: [] }],
    };
    const report = examineForward(web, rules, { ...host, backend: 'nftables', tables: [libvirt, drop] });
    expect(report?.admissions.map(({ words }) => words.join(' '))).toEqual([
      '-i eth0 -o keenbr0 -d 192.168.132.10/32 -p tcp --dport 80 -j ACCEPT',
      '-i keenbr0 -o eth0 -s 192.168.132.10/32 -p tcp --sport 80 -m conntrack --ctstate ESTABLISHED -j ACCEPT',
    ]);
  });

  it('come from neighbors of the host where it has no default route', () => {
    const routes = host.routes.filter(({ destination }) => destination !== '0.0.0.0/0');
    const report = examineForward(web, rules, { ...host, routes, tables: tablesOf('second-table') });
    expect(report?.admissions[0]?.words.slice(0, 4)).toEqual(['iifname', '"eth0"', 'oifname', '"keenbr0"']);
    expect(report?.remaining).toBeUndefined();
  });

  it('come from guests of the same network too', () => {
    const report = examineForward(web, rules, { ...host, tables: tablesOf('second-table') }, 'network');
    expect(report?.admissions.map(({ words }) => words.slice(0, 4).join(' '))).toEqual([
      'iifname "keenbr0" oifname "keenbr0"',
    ]);
    const local: Forward = { ...web, listen: ['127.0.0.1'] };
    expect(examineForward(local, rules, { ...host, tables: [] }, 'network')).toBeUndefined();
    expect(examineForward({ ...web, dev: 'eth0' }, rules, { ...host, tables: [] }, 'network')).toBeUndefined();
  });

  it('cannot be examined where no address of the host is known to clients', () => {
    const links = host.links.filter(({ name }) => name === web.target.dev);
    expect(examineForward(web, rules, { ...host, links, routes: [], tables: [] })).toBeUndefined();
  });
});

describe('the rules that admit a forward', () => {
  const admitted = { tool: 'iptables', family: 'ip', table: 'filter', chain: 'DOCKER-USER' } as const;
  const words = '-d 192.168.132.10/32 -p tcp --dport 80 -j ACCEPT'.split(' ');
  const forward: Forward = { ...web, admitted: [{ ...admitted, comment: 'kvmnet:8080/tcp:1', words }] };

  it('are inserted once, and deleted with the forward', () => {
    const docker = tablesOf('docker');
    const load = (forwards: readonly Forward[], tables: readonly Table[]): readonly Table[] =>
      natTransactions({ forwards, sources: [] }, 'iptables', tables).reduce(
        (all, { program, text }) => (program === 'iptables-restore' ? restored(all, text) : all),
        tables,
      );
    const linesIn = (tables: readonly Table[], forwards: readonly Forward[]) =>
      tables.flatMap((table) => admittedLines({ forwards, sources: [] }, table));
    expect(linesIn(docker, [forward])).toEqual([
      '-I DOCKER-USER 1 -m comment --comment "kvmnet:8080/tcp:1" -d 192.168.132.10/32 -p tcp --dport 80 -j ACCEPT',
    ]);
    const loaded = load([forward], docker);
    expect(isAdmitted(forward, loaded)).toBe(true);
    expect(linesIn(loaded, [forward])).toEqual([]);
    expect(isAdmitted(forward, docker)).toBe(false);
    const removed = load([], loaded);
    expect(
      removed.flatMap(({ chains }) => chains.flatMap((chain) => chain.rules.map(({ text }) => text))).join(),
    ).not.toContain('kvmnet');
  });

  it('are not missed where the chain does not exist', () => {
    expect(isAdmitted(forward, tablesOf('libvirt'))).toBe(true);
  });
});
