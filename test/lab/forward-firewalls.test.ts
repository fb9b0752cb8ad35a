/** Port forwards next to ufw and firewalld, which run for real, and to the rules of docker: docs/testing.md. */
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { must, root } from '../helpers/host.ts';
import { labLimit } from '../helpers/lab.ts';

jest.setTimeout(labLimit * 1000);

type Answers = Readonly<Record<string, string>>;
interface Printed {
  readonly status: number;
  readonly stderr: string;
}

interface Seen {
  readonly events: Readonly<Record<string, Answers>>;
  readonly printed: Readonly<Record<string, Printed | readonly Printed[]>>;
  /** Rules of ours in chains of other programs. */
  readonly admitted: Readonly<Record<string, readonly string[]>>;
  readonly foreign: Readonly<Record<string, { readonly before: readonly string[]; readonly after: readonly string[] }>>;
  readonly zone: string;
  /** The findings of doctor. */
  readonly found: Readonly<Record<string, readonly string[]>>;
  /** The message of the exception that ended the scenario early. */
  readonly error?: string;
}

const everythingGetsThrough = {
  'outside tcp 10.9.0.1': 'from 10.9.0.2',
  'outside tcp fd09::1': 'from fd09::2',
  'host tcp 127.0.0.1': 'from 192.168.77.1',
  'other tcp 10.9.0.1': 'from 192.168.77.1',
};

const events = [
  'ufw --fix',
  'ufw reload',
  'ufw disable, ufw enable',
  'firewalld',
  'firewall-cmd --reload',
  'firewall-cmd --complete-reload',
  'firewalld restarted',
  'docker --fix',
  'dockerd restarted',
];

const nothing = { status: 0, stderr: '' };
const forward = ['8080/tcp', '[fd09::1]:8080/tcp'] as const;
const target = ['192.168.77.10', 'fd00:77::10'] as const;

/** The output of the forwards of both families. */
function each(text: (index: 0 | 1) => string, status = 0): readonly Printed[] {
  return ([0, 1] as const).map((index) => ({ status, stderr: text(index) }));
}

const rejected = (index: 0 | 1): string =>
  `connections from outside to ${forward[index]} are rejected by nft table inet firewalld, chain filter_FORWARD_dnat, rule reject # handle N; `;
const commands = (index: 0 | 1, zone: string): string =>
  `firewall-cmd --permanent${zone} --add-rich-rule='rule family="ipv${index === 0 ? '4' : '6'}" forward-port port="8080" protocol="tcp" ` +
  `to-port="80" to-addr="${target[index]}"'; firewall-cmd --reload`;

const hosts = [
  { name: 'libvirt 11 with iptables', release: 'trixie', backend: 'iptables', zone: ' --zone=public' },
  { name: 'libvirt 12 with nftables', release: 'forky', backend: 'nftables', zone: '' },
] as const;

let all: readonly Seen[] = [];

beforeAll(async () => {
  // Side by side: the firewalls wait for each other's answers half of the time.
  const texts = await Promise.all(
    hosts.map(({ release, backend }) =>
      must(`${root}test/lab/release`, [release, 'node', `${root}test/lab/forward/firewalls.js`, backend], {
        seconds: labLimit,
      }),
    ),
  );
  all = texts.map((text) => JSON.parse(text) as Seen);
});

describe.each(hosts.map((host, index) => ({ ...host, index })))(
  'port forwards on $name',
  ({ backend, zone, index }) => {
    let seen: Seen;
    beforeAll(() => {
      seen = all[index]!;
    });
    const printed = (name: string): unknown =>
      JSON.parse(JSON.stringify(seen.printed[name]).replaceAll(/# handle \d+/g, '# handle N'));

    it('are tried to the end, with libvirt’s bridge in a zone of firewalld', () => {
      expect({ error: seen.error, zone: seen.zone }).toEqual({ error: undefined, zone: 'libvirt' });
    });

    it.each(events)('get through: %s', (event) => {
      expect(seen.events[event]).toEqual(everythingGetsThrough);
    });

    it('get through ufw, or are reported with its command, which lets those from outside through', () => {
      if (backend === 'iptables') {
        expect(printed('ufw')).toEqual([nothing, nothing]);
        expect(seen.events['ufw']).toEqual(everythingGetsThrough);
        return;
      }
      expect(printed('ufw')).toEqual(
        each((index) => {
          const allow = (device: string): string =>
            `ufw route allow in on ${device} out on virbr7 to ${target[index]} port 80 proto tcp`;
          const chain = `iptables table ${index === 0 ? 'ip' : 'ip6'} filter, chain FORWARD, policy drop`;
          return (
            `warning: connections from outside to ${forward[index]} are dropped by ${chain}; --fix adds a rule that lets them through; ` +
            `by hand: ${allow('h-outside')}; ${allow('virbr7')}`
          );
        }),
      );
      expect(seen.events['ufw']).toMatchObject({ 'outside tcp 10.9.0.1': 'no answer' });
      expect(seen.events["ufw's own rules"]).toEqual(everythingGetsThrough);
    });

    it('are on a host on which doctor finds only what ufw drops of networks that have their rules in nftables', () => {
      // The hook is new, and its daemon older.
      const codes = (name: string): readonly string[] =>
        seen.found[name]!.map((text) => text.replace(/:.*/, '')).filter((code) => code !== 'hook-unnoticed');
      const dropped = ['firewall-drops-dhcp', 'firewall-drops-dns', 'firewall-drops-bridged'];
      expect(codes('ufw')).toEqual(backend === 'nftables' ? dropped : []);
      expect(codes('firewalld')).toEqual([]);
    });

    it('are refused by firewalld with StrictForwardPorts, and reported with its commands, which let them through', () => {
      expect(seen.events['StrictForwardPorts']).toEqual({
        'outside tcp 10.9.0.1': 'EHOSTUNREACH',
        'outside tcp fd09::1': 'EACCES',
        'host tcp 127.0.0.1': 'EHOSTUNREACH',
        'other tcp 10.9.0.1': 'EHOSTUNREACH',
      });
      expect(printed('StrictForwardPorts')).toEqual(
        each((index) => `warning: ${rejected(index)}firewalld lets them through after: ${commands(index, zone)}`),
      );
      expect(printed('StrictForwardPorts --fix')).toEqual(
        each(
          (index) =>
            `error: ${rejected(index)}only firewalld itself can change its rules\n` +
            `hint: let them through: ${commands(index, zone)}; then repeat this command`,
          2,
        ),
      );
      // Connections from the host itself stay blocked: no setting of firewalld lets them through.
      expect(seen.events["firewalld's own rules"]).toEqual({
        ...everythingGetsThrough,
        'host tcp 127.0.0.1': 'EHOSTUNREACH',
      });
      expect(printed('StrictForwardPorts again')).toEqual([nothing, nothing]);
    });

    it.each([
      [
        'a port of firewalld',
        '9000',
        'nft table inet firewalld, chain nat_PRE_public_allow, rule tcp dport 9000 dnat to',
      ],
      ['port 9000 of docker', '9000', 'iptables table ip nat, chain DOCKER, rule ! -i docker0 -p tcp'],
      ['port 9001 of docker', '9001', 'nft table ip docker-bridges, chain nat-prerouting-and-output, rule iifname'],
    ])('are refused on %s', (name, port, place) => {
      expect(printed(name)).toMatchObject({
        status: 2,
        stdout: '',
        stderr: expect.stringContaining(
          `error: port ${port}/tcp is forwarded by another program already: ${place}`,
        ) as unknown,
      });
    });

    it('have rules in the chains of others only where those would drop them: for docker in DOCKER-USER', () => {
      const chains = (name: string): unknown => seen.admitted[name]?.map((line) => line.split(' ')[1]).toSorted();
      const isClosed = backend === 'nftables';
      expect({ ufw: chains('ufw'), docker: chains('docker') }).toEqual({
        ufw: isClosed ? Array<string>(4).fill('FORWARD') : [],
        docker: isClosed ? Array<string>(4).fill('DOCKER-USER') : [],
      });
    });

    it.each(['ufw', 'firewalld', 'docker'])('leave the rules of %s as they were', (name) => {
      const { before, after } = seen.foreign[name]!;
      expect(before.length).toBeGreaterThan(50);
      // firewalld writes its table at each start, in any order of chains; no other program can change it.
      const inOrder = (rules: readonly string[]) => (name === 'firewalld' ? rules.toSorted() : rules);
      expect(inOrder(after)).toEqual(inOrder(before));
    });
  },
);
