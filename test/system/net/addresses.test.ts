import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { makeGuest, makeGuestWithoutSystem, type Guest } from '../../helpers/guest.ts';
import { kvmnet, must, run, virsh, virshWith } from '../../helpers/host.ts';
import { kvmnetJson, nicIn } from '../../helpers/nics.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { waitFor } from '../../helpers/wait.ts';

const [mac, offMac, staticMac] = ['52:54:00:00:77:01', '52:54:00:00:77:02', '52:54:00:00:77:03'];

const network = `<network><name>glance</name><forward mode='nat'/><bridge name='glance0' stp='off' delay='0'/>
  <ip address='192.168.77.1' prefix='24'><dhcp><range start='192.168.77.100' end='192.168.77.199'/></dhcp></ip></network>`;

interface Row {
  readonly address: string;
  readonly holder?: string;
  readonly mac?: string;
  readonly sources: readonly string[];
  readonly state: string;
}

interface IpLine {
  readonly dst?: string;
  readonly lladdr?: string;
  readonly state?: readonly string[];
  readonly addr_info?: readonly { readonly local: string }[];
}

const ip = async (...args: readonly string[]): Promise<readonly IpLine[]> =>
  JSON.parse((await must('ip', ['-j', ...args, 'dev', 'glance0'])) || '[]');

/** Each address with its sources, as virsh, ip and the file of forwards have them. */
async function scan(): Promise<Readonly<Record<string, readonly string[]>>> {
  const [links, neighbors] = [await ip('address', 'show'), await ip('neighbour', 'show')];
  const [leases, xml] = [await virsh('net-dhcp-leases', 'glance'), await virsh('net-dumpxml', 'glance')];
  const nat = JSON.parse(await readFile('/etc/kvmnet/nat.json', 'utf8')) as {
    readonly forwards: readonly { readonly target: { readonly address: string } }[];
  };
  const found = {
    gateway: links.flatMap(({ addr_info: all = [] }) => all.map(({ local }) => local)),
    lease: [...leases.matchAll(/ipv4 +([\d.]+)\/24/g)].map(([, address = '']) => address),
    neighbour: neighbors
      .filter(({ lladdr, state = [] }) => lladdr !== undefined && !state.includes('FAILED'))
      .map(({ dst = '' }) => dst),
    reserved: [...xml.matchAll(/<host [^>]*ip='([\d.]+)'/g)].map(([, address = '']) => address),
    forward: nat.forwards.map(({ target }) => target.address),
  };
  const addresses = [...new Set(Object.values(found).flat())].filter((address) => !address.startsWith('fe80'));
  const sourcesOf = (address: string): readonly string[] =>
    Object.entries(found).flatMap(([source, all]) => (all.includes(address) ? [source] : []));
  return Object.fromEntries(addresses.map((address) => [address, sourcesOf(address)]));
}

onPrivateHost('net addresses', () => {
  const guests: Guest[] = [];
  let address = '';

  beforeAll(async () => {
    await virshWith(network, 'net-define', 'FILE');
    await virsh('net-start', 'glance');
    guests.push(await makeGuest('glance-vm', { nics: [nicIn('glance', mac)] }));
    guests.push(await makeGuestWithoutSystem('glance-off', { nics: [nicIn('glance', offMac)], start: false }));
    await must('ip', [
      ...['neighbour', 'add', '192.168.77.30', 'lladdr', staticMac, 'dev', 'glance0', 'nud', 'permanent'],
    ]);
    await kvmnetJson(['net', 'reserve', 'glance', 'glance-off', '192.168.77.20', '--host', 'db']);
    address = await guests[0]!.lease();
    await kvmnetJson(['-q', 'forward', 'add', '8080', 'glance-vm:80']);
    await must('curl', ['--silent', '--max-time', '30', `http://${address}/`]);
  });

  afterAll(async () => {
    await kvmnet(['forward', 'remove', '--all']);
    for (const guest of guests) await guest.remove();
    await run('ip', ['neighbour', 'delete', '192.168.77.30', 'dev', 'glance0']);
    await kvmnet(['net', 'delete', 'glance', '--yes']);
  });

  const rows = (): Promise<readonly Row[]> => kvmnetJson(['net', 'addresses', 'glance']);

  it('agrees with a scan of the host', async () => {
    const agreed = await waitFor('net addresses and a scan of the host to agree', async () => {
      const [seen, listed] = [await scan(), await rows()];
      const sorted = (sources: readonly string[] = []): string => [...sources].sort().join(' ');
      const isEqual =
        listed.length === Object.keys(seen).length &&
        listed.every((row) => sorted(row.sources) === sorted(seen[row.address]));
      if (!isEqual) throw new Error(JSON.stringify({ seen, listed }, undefined, 1));
      return listed;
    });
    const lines = agreed.map(({ address: at, holder, mac: of, state }) => `${at} ${holder ?? ''} ${of ?? ''} ${state}`);
    const bridge = (await must('cat', ['/sys/class/net/glance0/address'])).trim();
    expect(lines).toEqual([
      `192.168.77.1 gateway ${bridge} active`,
      `192.168.77.20 glance-off ${offMac} shut off`,
      `192.168.77.30 ${staticMac} ${staticMac} active`,
      `${address} glance-vm ${mac} active`,
    ]);
    expect(agreed.at(-1)!.sources).toEqual(['lease', 'neighbour', 'reserved', 'forward']);
  });

  it('lists the free ranges and counts the addresses of the subnet', async () => {
    const free: readonly { start: string; end: string; count: number }[] = await kvmnetJson([
      ...['net', 'addresses', 'glance', '--free'],
    ]);
    expect(free.slice(0, 3).map(({ start, end }) => `${start}-${end}`)).toEqual([
      '192.168.77.2-192.168.77.19',
      '192.168.77.21-192.168.77.29',
      '192.168.77.31-192.168.77.99',
    ]);
    const [summary] = await kvmnetJson(['net', 'addresses', '--summary']);
    expect(summary).toEqual({
      ...{ network: 'glance', subnet: '192.168.77.0/24', family: 'ipv4', size: 254, dhcp: 100 },
      ...{ used: 4, reserved: 2, leased: 1, free: 250, percent: 2 },
    });
    expect(free.reduce((sum, { count }) => sum + count, 0)).toBe(250);
  });

  it('leads to the next free address, which no static neighbor and no address of the host has', async () => {
    const next = async (): Promise<string> => (await kvmnet(['net', 'next-ip', 'glance'])).stdout;
    expect(await next()).toBe('192.168.77.2\n');
    await must('ip', ['address', 'add', '192.168.77.2/24', 'dev', 'glance0']);
    await must('ip', [
      'neighbour',
      'replace',
      '192.168.77.3',
      'lladdr',
      staticMac,
      'dev',
      'glance0',
      'nud',
      'permanent',
    ]);
    expect(await next()).toBe('192.168.77.4\n');
    await must('ip', ['address', 'delete', '192.168.77.2/24', 'dev', 'glance0']);
    await must('ip', ['neighbour', 'delete', '192.168.77.3', 'dev', 'glance0']);
  });

  it('shows the table', async () => {
    const { stdout } = await kvmnet(['net', 'addresses']);
    expect(stdout).toMatch(/^Network +Address +Holder +MAC +Sources +Age +State$/m);
    expect(stdout).toMatch(
      new RegExp(`glance +${address} +glance-vm .* lease neighbour reserved forward +lease ends in`),
    );
  });
});
