import { describe, expect, it } from '@jest/globals';
import { parseIptablesSave } from '../../../src/firewall/iptables.ts';
import type { Rule } from '../../../src/firewall/ruleset.ts';
import { formatRange } from '../../../src/values/address.ts';

/** Parses one rule; ranges of addresses are texts. */
function parse(rule: string): unknown {
  const [table] = parseIptablesSave(`*filter\n:FORWARD ACCEPT [0:0]\n:MINE - [0:0]\n${rule}\nCOMMIT\n`, 'ip');
  const [parsed] = table?.chains.flatMap(({ rules }) => rules) ?? [];
  return readable(parsed);
}

function readable(rule: Rule | undefined): unknown {
  const { conditions = [], effect, packets } = rule ?? {};
  const isAddress = (key: string): boolean => key === 'address' || key === 'ranges';
  const text = (key: string, value: unknown): unknown =>
    isAddress(key) && value !== null && typeof value === 'object'
      ? (Array.isArray(value) ? value : [value]).map((each: unknown) =>
          Array.isArray(each) ? each : formatRange(each as Parameters<typeof formatRange>[0]),
        )
      : value;
  return JSON.parse(
    JSON.stringify({ conditions, effect, ...(packets === undefined ? {} : { packets }) }, (key, value: unknown) =>
      text(key, value),
    ),
  ) as unknown;
}

describe('a rule of iptables-save', () => {
  it.each<[string, unknown]>([
    ['-A FORWARD -j MINE', { conditions: [], effect: { kind: 'jump', chain: 'MINE' } }],
    ['-A FORWARD -g MINE', { conditions: [], effect: { kind: 'goto', chain: 'MINE' } }],
    ['[7:420] -A FORWARD -j DROP', { conditions: [], effect: { kind: 'drop' }, packets: 7 }],
    [
      '-A FORWARD ! -i vnet+ -o br0 -j RETURN',
      {
        conditions: [
          { on: 'inDevice', names: ['vnet*'], not: true },
          { on: 'outDevice', names: ['br0'] },
        ],
        effect: { kind: 'return' },
      },
    ],
    [
      '-A FORWARD -s 10.0.0.0/255.0.0.0 ! -d 10.1.2.3/32 -j ACCEPT',
      {
        conditions: [
          { on: 'source', ranges: ['10.0.0.0-10.255.255.255'] },
          { on: 'destination', ranges: ['10.1.2.3-10.1.2.3'], not: true },
        ],
        effect: { kind: 'accept' },
      },
    ],
    [
      '-A FORWARD -p tcp -m multiport --dports 80,8000:8080 -m comment --comment "the \\"web\\" -j DROP" -j ACCEPT',
      {
        conditions: [
          { on: 'protocol', names: ['tcp'] },
          {
            on: 'destinationPort',
            ranges: [
              [80, 80],
              [8000, 8080],
            ],
          },
        ],
        effect: { kind: 'accept' },
      },
    ],
    [
      '-A FORWARD -p udp -m udp --sport 1024: -m conntrack ! --ctstate NEW,INVALID -j REJECT --reject-with icmp-port-unreachable',
      {
        conditions: [
          { on: 'protocol', names: ['udp'] },
          { on: 'sourcePort', ranges: [[1024, 65_535]] },
          { on: 'state', names: ['new', 'invalid'], not: true },
        ],
        effect: { kind: 'reject' },
      },
    ],
    [
      '-A FORWARD -m mark --mark 0x1 -m limit --limit 3/min -j LOG --log-prefix "[BLOCK] "',
      {
        conditions: [
          { on: 'unknown', text: '--mark 0x1' },
          { on: 'unknown', text: '--limit 3/min' },
        ],
        effect: { kind: 'none' },
      },
    ],
    [
      '-A FORWARD -m iprange --dst-range 10.0.0.5-10.0.0.9 -j DNAT --to-destination 192.168.3.10-192.168.3.19:10080-10089',
      {
        conditions: [{ on: 'destination', ranges: ['10.0.0.5-10.0.0.9'] }],
        effect: { kind: 'dnat', address: ['192.168.3.10-192.168.3.19'], ports: [10_080, 10_089] },
      },
    ],
    ['-A FORWARD -j NFQUEUE --queue-num 0', { conditions: [], effect: { kind: 'unknown' } }],
    ['-A FORWARD -j REDIRECT --to-ports 8080', { conditions: [], effect: { kind: 'redirect', ports: [8080, 8080] } }],
  ])('%s', (rule, expected) => {
    expect(parse(rule)).toEqual(expected);
  });

  it('of IPv6 translates to an address in brackets', () => {
    const [table] = parseIptablesSave(
      '*nat\n:PREROUTING ACCEPT\n-A PREROUTING -j DNAT --to-destination [fd00::1]:80\n',
      'ip6',
    );
    expect(readable(table?.chains[0]?.rules[0])).toEqual({
      conditions: [],
      effect: { kind: 'dnat', address: ['fd00::1-fd00::1'], ports: [80, 80] },
    });
  });
});

describe('a chain of iptables-save', () => {
  it('has the hook, the priority and the policy that the kernel knows', () => {
    const text = '*nat\n:POSTROUTING ACCEPT [0:0]\n*mangle\n:FORWARD DROP [1:2]\n:MINE - [0:0]\n';
    const chains = parseIptablesSave(text, 'ip6').flatMap((table) =>
      table.chains.map(({ base }) => ({ table: table.name, base })),
    );
    expect(chains).toEqual([
      { table: 'nat', base: { hook: 'postrouting', priority: 100, policy: 'accept', isNat: true } },
      { table: 'mangle', base: { hook: 'forward', priority: -150, policy: 'drop', isNat: false } },
      { table: 'mangle', base: undefined },
    ]);
  });
});
