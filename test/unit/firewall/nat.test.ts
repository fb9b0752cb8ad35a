import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { follow } from '../../../src/firewall/journey.ts';
import { natFiles, natPath, rulePaths } from '../../../src/firewall/nat-files.ts';
import { backendOf } from '../../../src/firewall/nat-home.ts';
import { readNat } from '../../../src/firewall/nat-read.ts';
import { isInForce, natStatuses } from '../../../src/firewall/nat-status.ts';
import { natTransactions } from '../../../src/firewall/nat-text.ts';
import type { Table } from '../../../src/firewall/ruleset.ts';
import type { Forward, NatRules, SourceNat } from '../../../src/records/nat.ts';
import { formatIp } from '../../../src/values/address.ts';
import { refusal } from '../plan/net-create.ts';
import { hostWith, packet, tablesOf } from './hosts.ts';
import { restored } from './restored.ts';

const web: Forward = {
  ...{ family: 'ipv4', protocol: 'tcp', listen: [], ports: [8080, 8080] },
  target: { address: '192.168.132.10', port: 80, subnet: '192.168.132.0/24', dev: 'keenbr0' },
};
const recipe: Forward = {
  ...{ family: 'ipv4', protocol: 'tcp', listen: ['10.16.104.67'], dev: 'eth0', ports: [80, 80] },
  target: { address: '192.168.3.10', port: 10080, subnet: '192.168.3.0/24', dev: 'br3' },
};
const outside: SourceNat = { family: 'ipv4', subnet: '192.168.3.0/24', dev: 'eth0', to: '192.168.2.2' };
const forwards = (...all: readonly Forward[]): NatRules => ({ forwards: all, sources: [] });

const textOf = (rules: NatRules, tables: readonly Table[]): string =>
  natTransactions(rules, 'iptables', tables)
    .map(({ text }) => text)
    .join('');

describe('the rules of a forward', () => {
  const libvirt = tablesOf('libvirt');

  it('are chains of their own for iptables, and the first rule of FORWARD', () => {
    expect(textOf(forwards(web), libvirt)).toBe(`*raw
:KVMNET_RAW - [0:0]
-A KVMNET_RAW -i keenbr0 -d 127.0.0.0/8 -j DROP
-I PREROUTING 1 -j KVMNET_RAW
COMMIT
*nat
:KVMNET_DNAT - [0:0]
-A KVMNET_DNAT -m addrtype --dst-type LOCAL -p tcp --dport 8080 -j DNAT --to-destination 192.168.132.10:80
-I PREROUTING 1 -j KVMNET_DNAT
-I OUTPUT 1 -j KVMNET_DNAT
:KVMNET_SNAT - [0:0]
-A KVMNET_SNAT -s 192.168.132.0/24 -d 192.168.132.10/32 -p tcp --dport 80 -m conntrack --ctstate DNAT -j MASQUERADE
-A KVMNET_SNAT -s 127.0.0.0/8 -d 192.168.132.10/32 -p tcp --dport 80 -m conntrack --ctstate DNAT -j MASQUERADE
-I POSTROUTING 1 -j KVMNET_SNAT
COMMIT
*filter
:KVMNET_FWD - [0:0]
-A KVMNET_FWD -d 192.168.132.10/32 -p tcp --dport 80 -m conntrack --ctstate DNAT -j ACCEPT
-A KVMNET_FWD -s 192.168.132.10/32 -p tcp --sport 80 -m conntrack --ctstate DNAT -j ACCEPT
-I FORWARD 1 -j KVMNET_FWD
COMMIT
`);
  });

  it('are the rules of the published recipes', () => {
    const text = textOf({ forwards: [recipe], sources: [outside] }, libvirt);
    expect(text).toContain(
      '-A KVMNET_DNAT -i eth0 -d 10.16.104.67/32 -p tcp --dport 80 -j DNAT --to-destination 192.168.3.10:10080\n',
    );
    expect(text).toContain('-A KVMNET_SNAT -s 192.168.3.0/24 -o eth0 -j SNAT --to-source 192.168.2.2\n');
    const masquerade = textOf(
      { forwards: [], sources: [{ family: 'ipv4', subnet: '192.168.3.0/24', dev: 'eth0' }] },
      libvirt,
    );
    expect(masquerade).toContain('-A KVMNET_SNAT -s 192.168.3.0/24 -o eth0 -j MASQUERADE\n');
  });

  it('keep the numbers of a range by one rule, and change them by one each', () => {
    const range = { ...web, ports: [8000, 8002] } as const;
    const kept = textOf(forwards({ ...range, target: { ...web.target, port: 8000 } }), libvirt);
    expect(kept).toContain('--dport 8000:8002 -j DNAT --to-destination 192.168.132.10\n');
    const shifted = textOf(forwards({ ...range, target: { ...web.target, port: 80 } }), libvirt);
    expect(shifted.match(/--dport \d+ -j DNAT --to-destination \S+/g)).toEqual([
      '--dport 8000 -j DNAT --to-destination 192.168.132.10:80',
      '--dport 8001 -j DNAT --to-destination 192.168.132.10:81',
      '--dport 8002 -j DNAT --to-destination 192.168.132.10:82',
    ]);
    expect(shifted).toContain('-d 192.168.132.10/32 -p tcp --dport 80:82 -m conntrack --ctstate DNAT -j ACCEPT');
  });

  it('leave ::1 alone, which the kernel does not forward', () => {
    const ipv6: Forward = {
      ...{ ...web, family: 'ipv6' },
      target: { address: 'fd00::10', port: 80, subnet: 'fd00::/64', dev: 'keenbr0' },
    };
    const [transaction] = natTransactions(forwards(ipv6), 'iptables', libvirt);
    expect(transaction?.program).toBe('ip6tables-restore');
    expect(transaction?.text).toContain(
      '-A KVMNET_DNAT ! -d ::1/128 -m addrtype --dst-type LOCAL -p tcp --dport 8080 -j DNAT --to-destination [fd00::10]:80\n',
    );
    expect(transaction?.text).not.toContain('KVMNET_RAW');
  });

  it("are a table of their own for nftables, and a chain in libvirt's", () => {
    const libvirtTable: Table = {
      ...{ tool: 'nft', family: 'ip', name: 'libvirt_network' },
      chains: [{ name: 'forward', rules: [] }],
    };
    expect(natTransactions(forwards(web), 'nftables', [libvirtTable])).toEqual([
      {
        program: 'nft',
        text: `table ip kvmnet
delete table ip kvmnet
table ip kvmnet {
  chain forwards {
    fib daddr type local tcp dport 8080 counter dnat to 192.168.132.10:80
  }
  chain guard {
    type filter hook prerouting priority -300; policy accept;
    iifname "keenbr0" ip daddr 127.0.0.0/8 counter drop
  }
  chain prerouting {
    type nat hook prerouting priority -101; policy accept;
    jump forwards
  }
  chain output {
    type nat hook output priority -101; policy accept;
    jump forwards
  }
  chain postrouting {
    type nat hook postrouting priority 99; policy accept;
    ip saddr 192.168.132.0/24 ip daddr 192.168.132.10 tcp dport 80 ct status dnat counter masquerade
    ip saddr 127.0.0.0/8 ip daddr 192.168.132.10 tcp dport 80 ct status dnat counter masquerade
  }
}
add chain ip libvirt_network kvmnet
flush chain ip libvirt_network kvmnet
add rule ip libvirt_network kvmnet ip daddr 192.168.132.10 tcp dport 80 ct status dnat counter accept
add rule ip libvirt_network kvmnet ip saddr 192.168.132.10 tcp sport 80 ct status dnat counter accept
insert rule ip libvirt_network forward jump kvmnet
`,
      },
    ]);
  });

  it('let a packet from outside reach the guest, and only the forwarded port', () => {
    const tables = restored(libvirt, textOf(forwards(web), libvirt));
    const reach = (text: string) => {
      const { obstacle, packet: end } = follow(packet(text, 'eth0'), hostWith(tables));
      return obstacle === undefined ? `${formatIp(end.destination)}:${String(end.destinationPort)}` : obstacle.kind;
    };
    expect(reach('192.0.2.9 > 192.0.2.1:8080')).toBe('192.168.132.10:80');
    expect(reach('192.0.2.9 > 192.168.132.10:80')).toBe('rule');
    expect(reach('192.0.2.9 > 192.168.132.10:8080')).toBe('rule');
  });

  const port = fc.integer({ min: 1, max: 65_000 });
  const anyForward: fc.Arbitrary<Forward> = fc.record(
    {
      family: fc.constant('ipv4' as const),
      protocol: fc.constantFrom('tcp' as const, 'udp' as const),
      listen: fc.uniqueArray(fc.constantFrom('192.0.2.1', '192.0.2.2', '127.0.0.1'), { maxLength: 2 }),
      dev: fc.constantFrom('eth0', 'eth0.10'),
      ports: fc.tuple(port, fc.integer({ min: 0, max: 5 })).map(([first, more]) => [first, first + more] as const),
      target: fc.record({
        address: fc.constantFrom('192.168.132.10', '192.168.132.11'),
        port,
        subnet: fc.constant('192.168.132.0/24'),
        dev: fc.constant('keenbr0'),
      }),
    },
    { requiredKeys: ['family', 'protocol', 'listen', 'ports', 'target'] },
  );
  const anyRules: fc.Arbitrary<NatRules> = fc.record({
    forwards: fc.array(anyForward, { maxLength: 4 }),
    sources: fc.array(fc.constantFrom(outside, { ...outside, dev: 'eth1', to: '10.0.0.1' }), { maxLength: 1 }),
  });

  it('are in force once they are loaded, after whichever others, and nothing of them is left in the end', () => {
    fc.assert(
      fc.property(anyRules, anyRules, (first, second) => {
        const before = restored(libvirt, textOf(first, libvirt));
        expect(isInForce(first, 'iptables', before)).toBe(true);
        const statuses = Object.values(natStatuses(first, 'iptables', before)).flat();
        expect(statuses.filter(({ inForce }) => inForce !== 'yes')).toEqual([]);
        const after = restored(before, textOf(second, before));
        expect(isInForce(second, 'iptables', after)).toBe(true);
        // The same again changes the order of nothing.
        expect(isInForce(second, 'iptables', restored(after, textOf(second, after)))).toBe(true);
        const end = restored(after, textOf({ forwards: [], sources: [] }, after));
        expect(
          end.flatMap(({ chains }) => chains.map(({ name }) => name)).filter((name) => name.startsWith('KVMNET')),
        ).toEqual([]);
        expect(textOf({ forwards: [], sources: [] }, end)).toBe('');
      }),
      { numRuns: 200 },
    );
  });

  it('are partly in force where a chain is empty, or another rule comes first', () => {
    const tables = restored(libvirt, textOf(forwards(web), libvirt));
    const inForce = (changed: readonly Table[]) => natStatuses(forwards(web), 'iptables', changed).forwards[0]?.inForce;
    const change = (table: string, chain: string, from: number, count: number): readonly Table[] =>
      tables.map((each) =>
        each.name === table && each.tool === 'iptables' && each.family === 'ip'
          ? {
              ...each,
              chains: each.chains.map((one) =>
                one.name === chain ? { ...one, rules: one.rules.toSpliced(from, count) } : one,
              ),
            }
          : each,
      );
    expect(inForce(tables)).toBe('yes');
    expect(inForce(change('nat', 'KVMNET_DNAT', 0, 1))).toBe('partly');
    expect(inForce(change('filter', 'FORWARD', 0, 1))).toBe('partly');
    expect(inForce(libvirt)).toBe('no');
  });
});

describe("the backend of libvirt's rules", () => {
  it('is seen by its chains or its table', () => {
    expect(backendOf(tablesOf('libvirt'))).toBe('iptables');
    expect(backendOf([{ tool: 'nft', family: 'ip', name: 'libvirt_network', chains: [] }])).toBe('nftables');
    expect(backendOf([])).toBeUndefined();
  });
});

describe('the file of forwards', () => {
  const templates = { hook: 'hook', unit: 'unit' };
  const rules: NatRules = { forwards: [web, recipe], sources: [outside] };

  it('is read as it was written', () => {
    const files = natFiles(rules, { backend: 'iptables', templates, sysctls: {} });
    const text = files.find(({ path }) => path === natPath)?.text;
    expect(readNat(text)).toEqual(rules);
    expect(readNat(undefined)).toEqual({ forwards: [], sources: [] });
  });

  it('has the rules of one backend next to it', () => {
    for (const backend of ['iptables', 'nftables'] as const) {
      const written = natFiles(rules, { backend, templates, sysctls: {} }).flatMap(({ path, text }) =>
        text === undefined ? [] : [path],
      );
      const other = backend === 'iptables' ? 'nftables' : 'iptables';
      expect(rulePaths[backend].some((path) => written.includes(path))).toBe(true);
      expect(rulePaths[other].some((path) => written.includes(path))).toBe(false);
    }
  });

  it.each([
    ['{', 'Expected'],
    ['{"version": 2}', 'its version is 2'],
    ['{"version": 1}', 'an entry of "forwards" is not complete'],
    ['{"version": 1, "forwards": [], "sources": [{}]}', 'undefined is not a text'],
    [
      JSON.stringify({ version: 1, forwards: [{ ...web, ports: [0, 70_000] }], sources: [] }),
      'an entry of "forwards" is not complete',
    ],
    [JSON.stringify({ version: 1, forwards: [{ ...web, dev: 'a b; reboot' }], sources: [] }), 'dev "a b; reboot"'],
    [JSON.stringify({ version: 1, forwards: [{ ...web, listen: ['1.1.1.1\n-A X'] }], sources: [] }), 'listen'],
  ])('is refused whole if it is %s', (text, reason) => {
    const { code, message } = refusal(() => readNat(text));
    expect(code).toBe('CONFLICT');
    expect(message.startsWith(`/etc/kvmnet/nat.json cannot be read: ${reason}`)).toBe(true);
  });
});
