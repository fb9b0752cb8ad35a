/** Which networks reach each other, by the rules and by real packets, on the libvirt of this machine and of other Debian releases. */
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { must, root } from '../helpers/host.ts';
import { labLimit } from '../helpers/lab.ts';

jest.setTimeout(labLimit * 1000);

const hosts = [
  { name: "this machine's libvirt", libvirt: /^9\./, enter: ['enter'], backend: 'iptables' },
  { name: 'libvirt 11', libvirt: /^11\./, enter: ['release', 'trixie'], backend: 'iptables' },
  { name: 'libvirt 11', libvirt: /^11\./, enter: ['release', 'trixie'], backend: 'nftables' },
  // Debian's testing: its libvirt only gets newer.
  { name: 'libvirt 12', libvirt: /^(1[2-9]|[2-9]\d)\./, enter: ['release', 'forky'], backend: 'iptables' },
  { name: 'libvirt 12', libvirt: /^(1[2-9]|[2-9]\d)\./, enter: ['release', 'forky'], backend: 'nftables' },
] as const;

interface Seen {
  readonly libvirt: string;
  /** How many tables of nft are libvirt's. */
  readonly tables: number;
  readonly subjects: readonly string[];
  readonly cells: readonly {
    readonly from: string;
    readonly to: string;
    readonly result: string;
    readonly probe?: string;
  }[];
  /** Namespaces that are left. */
  readonly left: readonly string[];
  /** The message of the exception that ended the scenario early. */
  readonly error?: string;
}

/** Rows are senders, and columns the receivers in the same order. */
const matrix: Readonly<Record<string, string>> = {
  internal7: 'self no no no no no no no',
  isolated5: 'no self no no no no one-way one-way',
  isolated6: 'no no self no no no one-way one-way',
  nat0: 'no no no self no yes yes yes',
  nat1: 'no no no no self yes yes yes',
  open4: 'no no no no no self yes yes',
  route2: 'no no no no no yes self yes',
  route3: 'no no no no no yes yes self',
};

describe('the matrix of networks', () => {
  let seen: readonly Seen[] = [];

  beforeAll(async () => {
    // Side by side: they wait for answers most of the time.
    const texts = await Promise.all(
      hosts.map(({ enter: [program, ...args], backend }) =>
        must(`${root}test/lab/${program}`, [...args, 'node', `${root}test/lab/isolation-matrix/scenario.js`, backend], {
          seconds: labLimit,
        }),
      ),
    );
    seen = texts.map((text) => JSON.parse(text) as Seen);
  });

  describe.each(hosts.map((host, index) => ({ ...host, index })))(
    'on $name with $backend',
    ({ index, backend, libvirt }) => {
      const rows = (key: 'result' | 'probe') =>
        Object.fromEntries(
          seen[index]!.subjects.map((name) => [
            name,
            seen[index]!.cells.filter(({ from }) => from === name)
              .map((cell) => cell[key] ?? cell.result)
              .join(' '),
          ]),
        );

      it('is of that libvirt and backend, and leaves no namespace', () => {
        const { error, left, tables, libvirt: version } = seen[index]!;
        expect({ error, left, tables, version }).toEqual({
          ...{ error: undefined, left: [], tables: backend === 'nftables' ? 2 : 0 },
          version: expect.stringMatching(libvirt) as unknown,
        });
      });

      it('has the result of real packets, cell by cell', () => {
        expect(rows('result')).toEqual(matrix);
        expect(rows('probe')).toEqual(matrix);
      });
    },
  );
});
