import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Outcome } from '../helpers/host.ts';
import { labCache, labLimit, runInLab } from '../helpers/lab.ts';

jest.setTimeout(labLimit * 1000);

/** Runs command lines in one process each, and prints the kernel's state between them. */
const lines = {
  create: 'vlan create eno1 10 --bridge brvlan-10',
  again: 'vlan create eno1 10 --bridge brvlan-10',
  alone: 'vlan create eno1 20 --address 192.168.20.1/24',
  second: 'vlan create eno1 10 --name vlan10',
  many: 'vlan create eno1 100-109 --bridge brvlan-{id}',
  list: 'vlan list',
  filtering: 'bridge create br7 --port eno2 --vlan-filtering',
  show: 'bridge show br7',
  onFiltering: 'vlan create br7 100 --address 192.168.100.1/24',
  offFiltering: 'undo',
  stays: 'vlan create eno2 30',
  ports: 'bridge del-port br7 eno2',
  gone: 'bridge delete br7',
  bond: 'bond create bond0 eno2 eno3 --primary eno3',
  bonded: 'bond create bond0 eno2 eno3 --primary eno3',
  onBond: 'vlan create bond0 40 --bridge brvlan-40',
  host: 'host show',
  back: 'undo',
  unbond: 'undo',
  macvlan: 'macvlan create host0 eno2 --address 192.168.1.250/32',
  range: 'vlan delete eno1 100-109',
  bridges: `bridge delete ${Array.from({ length: 10 }, (_, index) => `brvlan-${index + 100}`).join(' ')}`,
  delete: 'vlan delete eno1 10 20 --yes',
  last: 'bridge delete brvlan-10',
} as const;

type Name = keyof typeof lines;
const names = Object.keys(lines) as Name[];

function many(chosen: readonly Name[]): string {
  const commands = chosen.map((name) => ({ args: lines[name].split(' ') }));
  return `node test/helpers/fault/many.js <<<'${JSON.stringify(commands)}'`;
}

/** Before these the kernel is asked. */
const cuts = (['list', 'offFiltering', 'stays'] as const).map((name) => names.indexOf(name));
const script = `cat >/tmp/inside <<'INSIDE'
set -e
links() { echo "links $1: $(ip -j -d link | jq -c '[.[]|{name:.ifname,master,link,address,up:(.flags|index("UP")!=null),id:.linkinfo.info_data.id}]')"; }
links before
vlans() { echo "vlans $1: $(bridge -j vlan show dev br7 | jq -c '[.[].vlans[].vlan]')"; }
echo "first: $(${many(names.slice(0, cuts[0]))})"
links made
echo "second: $(${many(names.slice(cuts[0], cuts[1]))})"
vlans made
# A port in VLAN 100, with a host behind it.
ip netns add n100; ip link add name p100 type veth peer name eth0 netns n100; ip link set dev p100 master br7 up
bridge vlan del dev p100 vid 1; bridge vlan add dev p100 vid 100 pvid untagged
ip -n n100 address add 192.168.100.2/24 dev eth0; ip -n n100 link set dev eth0 up
ip netns exec n100 ${labCache}/busybox ping -c 1 -w 5 192.168.100.1 >/dev/null && echo 'reached' || echo 'not reached'
ip netns delete n100
echo "third: $(${many(names.slice(cuts[1], cuts[2]))})"
vlans undone
echo "fourth: $(${many(names.slice(cuts[2]))})"
links after
INSIDE
test/lab/enter bash /tmp/inside`;

interface Seen {
  readonly name: string;
  readonly master: string | null;
  readonly link: string | null;
  readonly address: string;
  readonly up: boolean;
  readonly id: number | null;
}

describe('VLANs on a kernel that has them', () => {
  const said = new Map<Name, Outcome>();
  let stdout = '';

  const links = (when: string): readonly Seen[] =>
    JSON.parse(new RegExp(`^links ${when}: (.*)$`, 'm').exec(stdout)?.[1] ?? '[]') as Seen[];
  const find = (when: string, name: string): Seen | undefined => links(when).find((each) => each.name === name);

  beforeAll(async () => {
    ({ stdout } = await runInLab(script, { nics: 3 }));
    const outcomes = ['first', 'second', 'third', 'fourth'].flatMap((part) => {
      const [, json] = new RegExp(`^${part}: (.*)$`, 'm').exec(stdout) ?? [];
      if (json === undefined) throw new Error(`the machine said only:\n${stdout}`);
      return JSON.parse(json) as Outcome[];
    });
    outcomes.forEach((outcome, index) => said.set(names[index]!, outcome));
  });

  it.each(names.filter((name) => name !== 'second' && name !== 'stays'))('are changed and shown by %s', (name) => {
    const { stderr, status } = said.get(name)!;
    expect({ line: lines[name], status, stderr: status === 0 ? '' : stderr }).toEqual({
      line: lines[name],
      status: 0,
      stderr: '',
    });
  });

  it('have their device in their bridge, all of it up, with the MAC of the NIC', () => {
    const nic = find('made', 'eno1');
    expect(find('before', 'eno1')?.up).toBe(false);
    expect(find('made', 'eno1.10')).toMatchObject({ master: 'brvlan-10', link: 'eno1', id: 10, up: true });
    expect(find('made', 'brvlan-10')).toMatchObject({ up: true, address: nic?.address });
    expect(nic?.up).toBe(true);
    expect(find('made', 'eno1.109')).toMatchObject({ master: 'brvlan-109', id: 109, up: true });
  });

  it('need no change if they exist', () => {
    expect(said.get('again')?.stdout).toBe('create VLAN 10 on eno1 with bridge brvlan-10: nothing to do\n');
    expect(said.get('bonded')?.stdout).toContain('nothing to do');
  });

  it('have one device for an ID', () => {
    expect(said.get('second')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('VLAN 10 of eno1 has a device already: eno1.10') as unknown,
    });
  });

  it('are not put on a port of a bridge', () => {
    expect(said.get('stays')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('eno2 is a port of br7') as unknown,
    });
  });

  it('are listed with NIC, ID, bridge and address', () => {
    const list = said.get('list')!.stdout;
    expect(list).toMatch(/^eno1\.10 +eno1 +10 +brvlan-10 +up /m);
    expect(list).toMatch(/^eno1\.20 +eno1 +20 +- +up +192\.168\.20\.1\/24 /m);
  });

  it('are shown for each port of a bridge that filters them', () => {
    expect(said.get('show')?.stdout).toMatch(/^VLANs +filtered by port$/m);
    expect(said.get('show')?.stdout).toMatch(/^Port +eno2: .*VLANs 1 \(pvid, untagged\)$/m);
  });

  it('carry frames on a bridge that filters them, and the ports that are not in them are named', () => {
    expect(said.get('onFiltering')?.stderr).toBe(
      'warning: eno2 is not in VLAN 100 of br7, and passes none of its frames: bridge vlan add dev eno2 vid 100\n',
    );
    expect(stdout).toMatch(/^vlans made: \[1,100\]\nreached$/m);
    expect(stdout).toMatch(/^vlans undone: \[1\]$/m);
  });

  it('are drawn on their bond', () => {
    expect(said.get('host')?.stdout).toMatch(/^bond0 +\S+ +bond, active-backup/m);
    expect(said.get('host')?.stdout).toMatch(/^ {2}bond0\.40 +\S+ +VLAN 40 of bond0 /m);
  });

  it('and bonds leave the host as it was, with NICs up that a bond had put down', () => {
    // eno1 was brought up for the VLANs, eno2 by its bridge, and host0 is still there.
    const nics = ['eno1', 'eno2', 'eno3', 'host0'];
    expect(
      links('after')
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...nics, 'lo'].sort());
    expect(find('after', 'eno2')).toMatchObject({ up: true, master: null });
    expect(find('after', 'eno3')).toMatchObject({ up: false, master: null, address: find('before', 'eno3')?.address });
  });
});
