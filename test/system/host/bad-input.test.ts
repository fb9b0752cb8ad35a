import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { kvmnetMany, said } from '../../helpers/fault/fault.ts';
import { makeGuestWithoutSystem, type Guest } from '../../helpers/guest.ts';
import { must, run, virsh, virshWith, type Outcome } from '../../helpers/host.ts';
import { nicsOf } from '../../helpers/nics.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { expectUnchanged, settledLinks, snapshot, type Snapshot } from '../../helpers/snapshot.ts';

type Case = readonly [line: readonly string[], message: string];

const words = (line: string): readonly string[] => line.split(' ');

const names: readonly Case[] = [
  ['', 'a bridge name is missing'],
  ['sixteen-letters-', 'at most 15 characters, this has 16'],
  ['a/b', 'only ASCII letters, digits'],
  ['a:b', 'only ASCII letters, digits'],
  ['a b', 'only ASCII letters, digits'],
  ['a\nb', 'only ASCII letters, digits'],
  ['a;reboot', 'only ASCII letters, digits'],
  ['.', 'only ASCII letters, digits'],
  ['..', 'only ASCII letters, digits'],
  ['br%d', 'the kernel replaces "%"'],
  ['all', 'means something else by it'],
  ['default', 'means something else by it'],
  ['dev', 'means something else by it'],
  ['-x', 'reads as an option'],
  ['bonding_masters', 'means something else by it'],
  ['brücke', 'only ASCII letters, digits'],
  ['桥', 'only ASCII letters, digits'],
  ['vnet98765', "libvirt gives such names to guests' own devices"],
  ['lo', 'lo already exists (the loopback device)'],
  ['eno1', 'eno1 already exists (a veth device)'],
  ['virbr9', 'virbr9 is a bridge of libvirt'],
  ['docker0', 'docker0 is a bridge of Docker'],
  ['own0', "own0 is the bridge of libvirt's network own"],
  ['later0', "later0 is the bridge of libvirt's network later"],
].map(([name = '', message = '']) => [['bridge', 'create', '--', name], message]);

const ids: readonly Case[] = ['0', '4095', '-1', 'abc', '1e1', '010', '10.0', '0x10', '10-4095', '']
  .map((id): Case => [['vlan', 'create', 'eno1', '--', id], 'a VLAN ID is a number from 1 to 4094'])
  .concat([[['vlan', 'create', 'eno1', '10-5'], 'the range ends before it starts']]);

const addresses: readonly Case[] = [
  ['192.168.010.1/24', 'read 010 as an octal number'],
  ['192.168.9.0/24', 'is the address of the subnet itself'],
  ['192.168.9.255/24', 'is the broadcast address'],
  ['192.168.9.1', 'a subnet is ADDRESS/PREFIX'],
  ['192.168.9.1/0', 'the largest subnet is a /8'],
  ['192.168.9.1/33', 'the prefix is a number from 0 to 32'],
  ['192.168.9.1/024', 'the prefix is a number from 0 to 32'],
  ['192.168.9.256/24', '256 is more than 255'],
  ['127.0.0.9/24', 'loopback'],
  ['224.0.0.1/24', 'multicast'],
  ['fe80::1%eno1/64', 'zone'],
  ['fd00:9::/64', 'is the address of the subnet itself'],
  ['dhcp', 'kvmnet runs no DHCP client'],
  ['10.44.0.1/24', 'eno2 has this address'],
  ['10.44.0.9/25', 'overlaps address 10.44.0.1/24 of eno2'],
].map(([address = '', message = '']) => [['bridge', 'create', 'new0', `--address=${address}`], message]);

const macs: readonly Case[] = [
  ['01:00:5e:00:00:01', 'multicast'],
  ['00:00:00:00:00:00', 'this is not the address of a device'],
  ['ff:ff:ff:ff:ff:ff', 'the broadcast address'],
  ['52:54:0:0:0:1', 'two digits'],
  ['52:54:00:00:00', 'six bytes'],
].flatMap(([mac = '', message = '']): Case[] => [
  [['bridge', 'create', 'new0', `--mac=${mac}`], message],
  [['bridge', 'set', 'br0', `mac=${mac}`], message],
]);

const ports: readonly Case[] = [
  ['eno', 'no NIC eno on the host'],
  ['lo', 'lo is the loopback device'],
  ['br1', 'a bridge cannot be a port of another'],
  ['br0', 'cannot be a port of itself'],
  ['own0', 'a bridge cannot be a port of another'],
  ['eno2', 'eno2 has the address 10.44.0.1/24'],
  ['eno3', 'eno3 is a port of br1 already'],
  ['@tap', '@tap is a NIC of VM VM1'],
  ['../eno1', 'no NIC ../eno1'],
  ['wire1', 'frames would run in a circle'],
].map(([port = '', message = '']) => [['bridge', 'add-port', 'br0', port], message]);

const lines: readonly Case[] = (
  [
    ['bridge add-port eno1 br0', 'the bridge comes first'],
    ['bridge add-port nobridge eno1', 'no bridge nobridge'],
    ['bridge add-port eno1 eno2', 'eno1 is not a bridge of the kernel'],
    ['bridge add-port own0 eno1', "libvirt's network own"],
    ['bridge del-port br0 eno3', 'eno3 is a port of br1, not of br0'],
    ['bridge del-port br0 @tap', '@tap is a NIC of VM VM1'],
    ['bridge del-port own0 eno1', "libvirt's network own"],
    ['bridge delete nobridge', 'no bridge nobridge'],
    ['bridge delete eno1', 'eno1 is not a bridge of the kernel'],
    ['bridge delete own0 --yes', "libvirt's network own"],
    ['bridge delete br0', 'needs your consent'],
    ['bridge stp br0 yes', 'it is on or off'],
    ['bridge stp own0 off', "libvirt's network own"],
    ['bridge set br0 stp', 'is not KEY=VALUE'],
    ['bridge set br0 fd=15', 'a bridge has no setting fd'],
    ['bridge set br0 priority=1', 'a multiple of 4096'],
    ['bridge set br0 mtu=1', 'an MTU is a number from 68'],
    ['bridge set br0 stp=on stp=off', 'stp is given twice'],
    ['bridge set br0 stp=on forward-delay=1', 'with STP it is 2 to 30'],
    ['bridge create new0 --gateway 10.9.0.1', 'no address of new0 is in its subnet'],
    ['bridge create new0 --address 10.9.0.1/24 --gateway 10.9.0.1', "this is new0's own address"],
    ['bridge create new0 --address 10.9.0.1/24 --gateway 10.9.0.255', 'broadcast'],
    ['bridge create new0 --frobnicate', 'unknown option'],
    ['bridge create', 'missing required argument'],
    ['vlan create eno 10', 'no NIC eno on the host'],
    ['vlan create lo 10', 'lo is the loopback device'],
    ['vlan create eno3 10', 'eno3 is a port of br1'],
    ['vlan create own0 10', "libvirt's network own"],
    ['vlan create @tap 10', '@tap is a NIC of VM VM1'],
    ['vlan create eno4 10 11 --bridge same', 'cannot have one and the same'],
    ['vlan create eno4 10 --bridge own0', "libvirt's network own"],
    ['vlan create eno4 10 --bridge eno4', 'has this name'],
    ['vlan create eno4 10 --bridge eno2', 'eno2 already exists'],
    ['vlan create eno4 10 --name eno2', 'eno2 already exists'],
    ['vlan create eno4 10 --address 10.44.0.1/24', 'eno2 has this address'],
    ['vlan delete eno1 10', 'eno1 has no VLAN 10'],
    ['bond create bond7 eno2', 'eno2 has the address'],
    ['bond create bond7 eno1 --mode fast', 'a bond has no such mode'],
    ['bond create bond7 eno1 --miimon -5', 'a time in milliseconds'],
    ['bond create bond7 @tap', '@tap is a NIC of VM VM1'],
    ['macvlan create host7 eno3', 'eno3 is a port of br1'],
    ['macvlan create all eno4', 'means something else by it'],
    ['port create nobridge p0', 'no bridge nobridge'],
    ['port create br0 eno1', 'eno1 already exists'],
    ['port create br0 p0 --netns ..', 'a network namespace has'],
    ['port create br0 p0 --address 10.44.0.1/24', 'eno2 has this address'],
  ] as const
).map(([line, message]) => [words(line), message]);

const cases = [...names, ...ids, ...addresses, ...macs, ...ports, ...lines];

onPrivateHost('bad input to the commands on links of the host', () => {
  let guest: Guest;
  let before: Snapshot;
  let outcomes: readonly Outcome[];
  /** The tap of VM1's NIC, which `@tap` stands for: libvirt counts on. */
  let tap = '';
  const place = (text: string): string => text.replaceAll('@tap', tap);

  beforeAll(async () => {
    const setup = [
      'link add name br0 type bridge',
      'link add name br1 type bridge',
      ...[1, 2, 3, 4].flatMap((number) => [
        `link add name eno${number} type veth peer name wire${number}`,
        `link set dev eno${number} addrgenmode none`,
        `link set dev eno${number} up`,
      ]),
      'link set dev eno3 master br1',
      'link set dev eno1 master br0',
      'address add 10.44.0.1/24 dev eno2',
    ];
    for (const line of setup) await must('ip', [...words(line)]);
    await virshWith("<network><name>own</name><bridge name='own0'/></network>", 'net-define', 'FILE');
    await virshWith("<network><name>later</name><bridge name='later0'/></network>", 'net-define', 'FILE');
    await virsh('net-start', 'own');
    guest = await makeGuestWithoutSystem('VM1', {
      nics: ["<interface type='bridge'><source bridge='br0'/></interface>"],
    });
    await settledLinks();
    before = await snapshot();
    tap = (await nicsOf('VM1'))[0]!.tap!;
    outcomes = await kvmnetMany(cases.map(([args]) => ({ args: args.map(place) })));
  });

  afterAll(async () => {
    await guest.remove();
    await virsh('net-destroy own; net-undefine own; net-undefine later');
    for (const link of ['br0', 'br1', 'eno1', 'eno2', 'eno3', 'eno4']) await run('ip', ['link', 'delete', 'dev', link]);
  });

  it('comes in more than 100 forms', () => {
    expect(cases.length).toBeGreaterThan(100);
  });

  it.each(cases.map(([line, message], index) => [JSON.stringify(line.join(' ')), index, message] as const))(
    'is refused in words: %s',
    (_line, index, message) => {
      const { stdout, status } = outcomes[index]!;
      const text = said(outcomes[index]!);
      expect({ stdout, status, text }).toEqual({
        stdout: '',
        status: 2,
        text: expect.stringContaining(place(message)) as unknown,
      });
    },
  );

  it('leaves the host as it was', async () => {
    await expectUnchanged(before);
  });
});
