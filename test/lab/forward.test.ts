/** Port forwards with real connections, on the libvirt of this machine and of other Debian releases: docs/testing.md. */
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { must, root } from '../helpers/host.ts';
import { labLimit } from '../helpers/lab.ts';

jest.setTimeout(labLimit * 1000);

const oldest = { libvirt: /^9\./, enter: [`${root}test/lab/enter`] };
const trixie = { libvirt: /^11\./, enter: [`${root}test/lab/release`, 'trixie'] };
// Debian's testing: its libvirt only gets newer.
const forky = { libvirt: /^(1[2-9]|[2-9]\d)\./, enter: [`${root}test/lab/release`, 'forky'] };

const hosts = [
  { name: "this machine's libvirt", ...oldest, backend: 'iptables' },
  { name: "this machine's libvirt", ...oldest, backend: 'legacy' },
  { name: 'libvirt 11', ...trixie, backend: 'iptables' },
  { name: 'libvirt 11', ...trixie, backend: 'nftables' },
  { name: 'libvirt 12', ...forky, backend: 'iptables' },
  { name: 'libvirt 12', ...forky, backend: 'nftables' },
] as const;

type Answers = Readonly<Record<string, string>>;

interface Seen {
  readonly libvirt: string;
  /** `nf_tables` or `legacy`. */
  readonly variant: string;
  /** How many tables of nft are libvirt's. */
  readonly tables: number;
  readonly events: Readonly<Record<string, Answers>>;
  readonly flushed: readonly string[];
  readonly removed: Answers;
  readonly left: unknown;
  readonly foreign: { readonly before: readonly string[]; readonly after: readonly string[] };
  /** The message of the exception that ended the scenario early. */
  readonly error?: string;
}

/** Who connects to what, and the address that the guest sees: the client's own, unless its answer would not come back to the host. */
const everythingGetsThrough = {
  inForce: ['yes', 'yes', 'yes'],
  'outside tcp 10.9.0.1': 'from 10.9.0.2',
  'outside udp 10.9.0.1': 'from 10.9.0.2',
  'outside tcp fd09::1': 'from fd09::2',
  'host tcp 10.9.0.1': 'from 10.9.0.1',
  'host tcp 127.0.0.1': 'from 192.168.77.1',
  'host udp 127.0.0.1': 'from 192.168.77.1',
  'host tcp fd09::1': 'from fd09::1',
  'other tcp 10.9.0.1': 'from 192.168.77.1',
  'other tcp fd09::1': 'from fd00:77::1',
};

const events = [
  'added',
  'net restart',
  'libvirtd restarted',
  'net-destroy, net-start',
  'net heal',
  'flushed, forward restore',
  'libvirtd restarted again',
];

/** `iptables -F` leaves the table raw, which has the guard of IPv4's 127.0.0.1. */
const [iptables, nftables] = [
  ['partly', 'partly', 'no'],
  ['no', 'no', 'no'],
];
const flushed = { iptables, legacy: iptables, nftables };

describe('port forwards', () => {
  let seen: readonly Seen[] = [];

  beforeAll(async () => {
    // Side by side: they wait for libvirt half of the time.
    const texts = await Promise.all(
      hosts.map(async ({ enter: [program, ...args], backend }) =>
        must(program!, [...args, 'node', `${root}test/lab/forward/scenario.js`, backend], {
          seconds: labLimit,
        }),
      ),
    );
    seen = texts.map((text) => JSON.parse(text) as Seen);
  });

  describe.each(hosts.map((host, index) => ({ ...host, index })))(
    'on $name with $backend',
    ({ index, backend, libvirt }) => {
      it('are tried with that libvirt and backend, to the end', () => {
        const { error, ...all } = seen[index]!;
        expect({ error, libvirt: all.libvirt, tables: all.tables, variant: all.variant }).toEqual({
          error: undefined,
          variant: backend === 'legacy' ? 'legacy' : 'nf_tables',
          libvirt: expect.stringMatching(libvirt) as unknown,
          tables: backend === 'nftables' ? 2 : 0,
        });
      });

      it.each(events)('connect outside, host and guests, and hide no address without need: %s', (event) => {
        expect(seen[index]!.events[event]).toEqual(everythingGetsThrough);
      });

      it('are not in force once the rules are flushed', () => {
        expect(seen[index]!.flushed).toEqual(flushed[backend]);
      });

      it('leave nothing when they are removed: no rule, no file, no setting, no reservation', () => {
        const { removed, left, foreign } = seen[index]!;
        expect(removed).toEqual({ 'outside tcp 10.9.0.1': 'ECONNREFUSED', 'outside tcp fd09::1': 'ECONNREFUSED' });
        expect(left).toEqual({ reservations: [], files: '', routeLocalnet: '0' });
        expect(foreign.before.length).toBeGreaterThan(10);
        expect(foreign.after).toEqual(foreign.before);
      });
    },
  );
});
