import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { differences } from '../../../src/xml/meaning.ts';
import { parseNetwork, type Network } from '../../../src/xml/network.ts';
import { kvmnet, must, root, virsh, type Outcome } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { expectUnchanged, snapshot, type Snapshot } from '../../helpers/snapshot.ts';

const nat = ['--nat', '192.168.132.0/24', '--bridge-name', 'keenbr0'];

/** Without values that are random each time. */
function comparable(xml: string): Network {
  return { ...parseNetwork(xml), uuid: undefined, mac: undefined, connections: undefined };
}

async function create(...args: readonly string[]): Promise<Outcome> {
  return kvmnet(['net', 'create', ...args]);
}

async function addressesOf(link: string): Promise<string[]> {
  const [seen] = JSON.parse(await must('ip', ['-j', 'address', 'show', 'dev', link]));
  return seen.addr_info.map(({ local, prefixlen }: { local: string; prefixlen: number }) => `${local}/${prefixlen}`);
}

onPrivateHost('net create', () => {
  let before: Snapshot;

  beforeAll(async () => {
    await must('ip', ['link', 'add', 'name', 'br0', 'type', 'bridge']);
    await must('ip', ['link', 'add', 'name', 'eno1', 'type', 'veth', 'peer', 'name', 'eno2']);
    before = await snapshot();
  });

  afterEach(async () => {
    const names = (await virsh('net-list', '--all', '--name')).split('\n').filter((name) => name !== '');
    for (const name of names) expect(await kvmnet(['net', 'delete', name])).toMatchObject({ status: 0 });
    await expectUnchanged(before);
  });

  afterAll(async () => {
    await must('ip', ['link', 'delete', 'dev', 'br0']);
    await must('ip', ['link', 'delete', 'dev', 'eno1']);
  });

  describe('of a NAT network', () => {
    it('leaves the bridge with its address, dnsmasq, the rules and autostart, and the XML of the template', async () => {
      const { stdout, stderr, status } = await create('keennet', ...nat);
      expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
      expect(stdout).toMatch(/^network keennet created and started\n/);
      expect(stdout).toMatch(/^next: kvmnet vm attach VM keennet$/m);

      const info = await virsh('net-info', 'keennet');
      expect(info).toMatch(/Active: +yes\nPersistent: +yes\nAutostart: +yes\nBridge: +keenbr0/);
      expect(await must('ip', ['-br', 'link', 'show', 'dev', 'keenbr0', 'up'])).toContain('keenbr0');
      expect(await addressesOf('keenbr0')).toContain('192.168.132.1/24');

      const conf = '/var/lib/libvirt/dnsmasq/keennet.conf';
      expect(await readFile(conf, 'utf8')).toMatch(/^dhcp-range=192\.168\.132\.2,192\.168\.132\.254\b/m);
      expect(await must('ps', ['-eo', 'args'])).toContain(`/usr/sbin/dnsmasq --conf-file=${conf} `);
      expect(await must('ss', ['-Hlnu', 'sport', '=', '53'])).toContain('192.168.132.1:53');

      const rules = (await must('iptables-save', ['-t', 'nat'])).split('\n');
      const masquerades = rules.filter((rule) => /-s 192\.168\.132\.0\/24 .*-j MASQUERADE/.test(rule));
      expect(masquerades).toHaveLength(3);

      const template = parseNetwork(await readFile(`${root}templates/networks/keennet.xml`, 'utf8'));
      expect(differences(template, comparable(await virsh('net-dumpxml', '--inactive', 'keennet')))).toEqual([]);
    });

    it('is refused a second time by naming the holder, and changes nothing', async () => {
      await create('keennet', ...nat);
      const there = await snapshot();
      const again = await create('keennet', ...nat);
      expect(again).toMatchObject({ status: 2, stdout: '' });
      expect(again.stderr).toContain('network keennet already exists with the same addresses, 192.168.132.0/24');
      expect(again.stderr).toContain('bridge name keenbr0 is taken by network keennet');

      const other = await create('--nat', '192.168.132.128/25');
      expect(other).toMatchObject({ status: 2, stdout: '' });
      expect(other.stderr).toContain('192.168.132.128/25 overlaps network keennet (192.168.132.0/24)');
      expect(other.stderr).toMatch(/^hint: /m);
      await expectUnchanged(there);
    });

    it('is named after its subnet when it has no name', async () => {
      expect(await create('--nat', '192.168.132.0/24')).toMatchObject({ status: 0 });
      expect((await virsh('net-list', '--name')).trim()).toBe('nat-192-168-132');
    });

    it('finds free subnets automatically, two in a row', async () => {
      const made = [];
      for (const name of ['one', 'two']) {
        const { stdout, status } = await create(name, '--nat', 'auto', '--ipv6', 'auto');
        expect(status).toBe(0);
        made.push(...(/subnet +(\S+) (\S+)/.exec(stdout) ?? []).slice(1));
      }
      expect(made).toHaveLength(4);
      expect(new Set(made).size).toBe(4);
      expect(made[1]).toMatch(/^fd[0-9a-f:]+::\/64$/);
    });

    it('prints only the name with -o name, for scripts', async () => {
      const { stdout } = await kvmnet(['net', 'create', '--nat', '192.168.132.0/24', '-o', 'name']);
      expect(stdout).toBe('nat-192-168-132\n');
    });

    it('is refused before anything is touched where its result could not be printed', async () => {
      const { stderr, status } = await kvmnet(['net', 'create', 'keennet', ...nat, '-o', 'csv']);
      expect(status).toBe(2);
      expect(stderr).toContain('prints no table');
      expect((await virsh('net-list', '--all', '--name')).trim()).toBe('');
    });
  });

  describe.each(['bridged', 'default', 'internal', 'isolated', 'keennet', 'macvtap', 'open', 'routed'])(
    'from the template %s',
    (template) => {
      it('makes that network, started and at boot', async () => {
        expect(await create('--template', template)).toMatchObject({ stderr: '', status: 0 });
        const made = comparable(await virsh('net-dumpxml', '--inactive', template));
        const wanted = parseNetwork(await readFile(`${root}templates/networks/${template}.xml`, 'utf8'));
        expect(differences(wanted, made)).toEqual([]);
        expect(await virsh('net-info', template)).toMatch(/Active: +yes\nPersistent: +yes\nAutostart: +yes/);
      });
    },
  );

  it('lets options override a template, which may be a file', async () => {
    const file = `${root}templates/networks/keennet.xml`;
    const { status } = await create('mine', '--template', file, '--nat', '10.9.8.0/24', '--bridge-name', 'mine0');
    expect(status).toBe(0);
    const { name, bridge, ips } = parseNetwork(await virsh('net-dumpxml', 'mine'));
    expect({ name, bridge: bridge?.name, address: ips[0]?.address, range: ips[0]?.dhcp?.ranges[0]?.end }).toEqual({
      name: 'mine',
      bridge: 'mine0',
      address: '10.9.8.1',
      range: '10.9.8.254',
    });
  });

  const everything = [
    ...['--nat', '192.168.132.0/24', '--ipv6', 'fd00:1:2:3::/64', '--gateway', '192.168.132.254'],
    ...['--dhcp', '192.168.132.10-192.168.132.99', '--dhcp', '192.168.132.120-192.168.132.129', '--lease', '12h'],
    ...['--reserve', '52:54:00:12:34:56=192.168.132.5,vm5', '--reserve', '52:54:00:12:34:57=192.168.132.6'],
    ...['--domain', 'keen.example', '--dns', 'www=192.168.132.5', '--dns', 'db.keen.example=192.168.132.6'],
    ...['--forwarder', '192.0.2.1', '--forwarder', '2001:db8::53', '--dev', 'eno1', '--nat-ports', '2000-3000'],
    ...['--bridge-name', 'keenbr0', '--mac', '52:54:00:aa:bb:cc', '--mtu', '1400', '--no-stp', '--portgroup', 'blue'],
    ...['--portgroup', 'green', '--isolate-ports', '--no-autostart'],
  ];
  const kinds: readonly (readonly [string, readonly string[]])[] = [
    ['NAT with every option that goes with it', everything],
    ['NAT without DHCP and DNS', [...nat, '--no-dhcp', '--no-dns', '--stp']],
    ['NAT of IPv6 alone', ['--nat', 'fd00:7::/64', '--no-dhcp']],
    ['NAT with a lease without end', [...nat, '--lease', 'infinite']],
    ['route', ['--route', '192.168.132.0/24', '--dev', 'eno1']],
    ['open', ['--open', '192.168.132.0/24', '--lease', '90m']],
    ['isolated with a subnet', ['--isolated', '192.168.132.0/24', '--domain', 'lab.example']],
    ['isolated without one', ['--isolated']],
    ['a bridge of the host', ['--bridge', 'br0', '--isolate-ports', '--portgroup', 'blue']],
    ['macvtap', ['--macvtap', 'eno1,eno2']],
    ['macvtap, private', ['--macvtap', 'eno1', '--mode', 'private']],
    ['macvtap, vepa', ['--macvtap', 'eno1', '--mode', 'vepa']],
    [
      'macvtap, passthrough and tagged',
      ['--macvtap', 'eno1', '--mode', 'passthrough', '--vlan', '10', '--portgroup', 'blue:vlan=20'],
    ],
  ];

  it.each(kinds)('makes what --dry-run shows: %s', async (_, options) => {
    const shown = await kvmnet(['net', 'create', 'keennet', ...options, '--dry-run', '--json']);
    expect(shown).toMatchObject({ stderr: '', status: 0 });
    const { steps } = JSON.parse(shown.stdout);
    await expectUnchanged(before);

    expect(await create('keennet', ...options)).toMatchObject({ stderr: '', status: 0 });
    const defined = await virsh('net-dumpxml', '--inactive', 'keennet');
    expect(differences(comparable(steps[0].do.xml), comparable(defined))).toEqual([]);
    const autostart = options.includes('--no-autostart') ? 'no' : 'yes';
    expect(await virsh('net-info', 'keennet')).toMatch(
      new RegExp(`Active: +yes\\nPersistent: +yes\\nAutostart: +${autostart}\\n`),
    );
  });

  it('makes every option real: addresses, leases, names and ports in what dnsmasq and the firewall are given', async () => {
    expect(await create('keennet', ...everything)).toMatchObject({ status: 0 });
    expect(await addressesOf('keenbr0')).toEqual(expect.arrayContaining(['192.168.132.254/24', 'fd00:1:2:3::1/64']));
    const conf = await readFile('/var/lib/libvirt/dnsmasq/keennet.conf', 'utf8');
    expect(conf).toMatch(/^dhcp-range=192\.168\.132\.10,192\.168\.132\.99,255\.255\.255\.0,12h$/m);
    expect(conf).toMatch(/^dhcp-range=192\.168\.132\.120,192\.168\.132\.129,255\.255\.255\.0,12h$/m);
    expect(conf).toMatch(/^server=192\.0\.2\.1$/m);
    expect(conf).toMatch(/^domain=keen\.example$/m);
    const hosts = await readFile('/var/lib/libvirt/dnsmasq/keennet.hostsfile', 'utf8');
    expect(hosts).toMatch(/^52:54:00:12:34:56,192\.168\.132\.5,vm5/m);
    const names = await readFile('/var/lib/libvirt/dnsmasq/keennet.addnhosts', 'utf8');
    expect(names).toMatch(/^192\.168\.132\.5\s+www\s*$/m);
    expect(await must('iptables-save', ['-t', 'nat'])).toMatch(/-o eno1 .*MASQUERADE --to-ports 2000-3000/);
    const [link] = JSON.parse(await must('ip', ['-j', 'link', 'show', 'dev', 'keenbr0']));
    expect(link).toMatchObject({ mtu: 1400, address: '52:54:00:aa:bb:cc' });
  });

  it('only defines with --no-start, and hints how to start it', async () => {
    const { stdout, status } = await create('keennet', ...nat, '--zone', 'public', '--no-start', '--no-autostart');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^network keennet defined\n/);
    expect(stdout).toMatch(/^next: kvmnet net start keennet$/m);
    expect(await virsh('net-info', 'keennet')).toMatch(/Active: +no\nPersistent: +yes\nAutostart: +no/);
  });

  it('makes a transient network, which is gone when it stops', async () => {
    expect(await create('keennet', ...nat, '--transient')).toMatchObject({ status: 0 });
    expect(await virsh('net-info', 'keennet')).toMatch(/Active: +yes\nPersistent: +no/);
    expect(await kvmnet(['net', 'stop', 'keennet'])).toMatchObject({ status: 0 });
    await expectUnchanged(before);
  });

  it.each([
    ['a title', ['--isolated', '--title', 'Lab'], '--title Lab: '],
    ['a tag on a Linux bridge', ['--bridge', 'br0', '--vlan', '10'], 'vlan: '],
    ['a physical NIC that is none', ['--hostdev', 'eno1'], 'eno1 is not a physical NIC but a veth device'],
  ])('refuses what this libvirt or host has not: %s', async (_, options, message) => {
    const { stderr, status } = await create('keennet', ...options);
    expect(status).toBe(2);
    expect(stderr).toContain(`error: ${message}`);
    expect(stderr).toMatch(/^hint: /m);
  });
});
