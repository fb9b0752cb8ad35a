import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { must } from '../helpers/host.ts';
import { defineContainer, labLimit, runInLabHosts } from '../helpers/lab.ts';
import { readPcapng } from '../helpers/pcapng.ts';

jest.setTimeout(labLimit * 1000);

/** VM1 and VM4 are in VLAN 10, VM2 is in VLAN 20; all are in one subnet. */
const guests = {
  VM1: { host: 1, vlan: 10, address: '192.168.100.10' },
  VM2: { host: 1, vlan: 20, address: '192.168.100.20' },
  VM4: { host: 2, vlan: 10, address: '192.168.100.40' },
} as const;

type Name = keyof typeof guests;
const names = Object.keys(guests) as Name[];

/** The captures of each host; the second one is to an end that packets do not reach. */
const captures = {
  1: { way: 'VM1 192.168.100.40 --write /tmp/way.pcapng', lost: 'VM1 VM2 -- icmp or arp' },
  2: { way: '192.168.100.10 VM4' },
} as const;

const hostScript = (host: 1 | 2): string => {
  const here = names.filter((name) => guests[name].host === host);
  return `
cat >/tmp/inside <<'INSIDE'
set -e
kvmnet() { command kvmnet -c lxc:///system "$@"; }
${here.map((name) => defineContainer(name, [`$b ip addr add ${guests[name].address}/24 dev $n`])).join('\n')}
kvmnet shell -e <<'KVMNET'
vlan create eno1 10 --bridge brvlan-10
vlan create eno1 20 --bridge brvlan-20
${here.map((name) => `vm attach ${name} brvlan-${guests[name].vlan}`).join('\n')}
vm start ${here.join(' ')}
domiflist
KVMNET
for name in ${here.join(' ')}; do
  for _ in $(seq 1000); do nsenter -t $(pgrep -f inside-$name | head -1) -n ip -br address | grep -q '192.168.100[.]' && break; sleep 0.2; done
done
declare -A capture
${Object.entries(captures[host])
  .map(
    ([
      name,
      line,
    ]) => `command kvmnet -c lxc:///system capture ${line} >/tmp/${name}.out 2>/tmp/${name}.err & capture[${name}]=$!
for _ in $(seq 3000); do grep -q 'capturing on' /tmp/${name}.err && break; kill -0 $! || break; sleep 0.2; done`,
  )
  .join('\n')}
lab-barrier ready
${
  host === 1
    ? `vm1() { nsenter -t $(pgrep -f inside-VM1 | head -1) -n "$@"; }
vm1 ping -q -c 2 -W 20 192.168.100.40 || true
vm1 ping -q -c 1 -W 5 192.168.100.20 || true`
    : ''
}
lab-barrier sent
sleep 5
for name in "\${!capture[@]}"; do
  kill -INT \${capture[$name]} || true; status=0; wait \${capture[$name]} || status=$?
  echo "begin $name"; cat /tmp/$name.out; echo "end $name, status $status"; sed "s/^/$name: /" /tmp/$name.err
done
echo "processes: $(pgrep -c tcpdump)"
[ ! -f /tmp/way.pcapng ] || echo "pcapng: $(base64 -w 0 /tmp/way.pcapng)"
INSIDE
test/lab/enter bash /tmp/inside
`;
};

describe('a capture on two hosts joined by a cable', () => {
  let said: string[];
  const tap = (host: 1 | 2, vm: Name): string =>
    new RegExp(`^ *${vm} +(vnet\\d+) `, 'm').exec(said[host - 1]!)?.[1] ?? 'none';
  const result = (host: 1 | 2, name: string): string =>
    new RegExp(`^begin ${name}\n([^]*?)^end ${name}, status 0$`, 'm').exec(said[host - 1]!)?.[1] ??
    `failed: ${/^pcapng: /m.test(said[host - 1]!) ? said[host - 1]!.split('pcapng: ')[0]! : ''}`;
  const rows = (host: 1 | 2, name: string, what: string): readonly string[] =>
    result(host, name)
      .split('\n')
      .filter((line) => line.includes(what))
      .map((line) => line.split('  ').at(-1) ?? '');

  beforeAll(async () => {
    const hosts = await runInLabHosts([hostScript(1), hostScript(2)]);
    expect(hosts.map(({ status, stdout }) => [status, status === 0 ? '' : stdout])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    said = hosts.map(({ stdout }) => stdout);
  });

  it('names the devices from the guest to the cable, in their order', () => {
    const devices = `${tap(1, 'VM1')} brvlan-10 eno1.10 eno1`;
    expect(rows(1, 'way', 'icmp echo request')).toEqual([devices, devices]);
    const back = `eno1 eno1.10 brvlan-10 ${tap(1, 'VM1')}`;
    expect(rows(1, 'way', 'icmp echo reply')).toEqual([back, back]);
    expect(result(1, 'way')).toContain(`${tap(1, 'VM1')}, brvlan-10, eno1.10 and eno1 saw them\n`);
  });

  it('names the devices from the cable to the guest at the other host', () => {
    const devices = `eno1 eno1.10 brvlan-10 ${tap(2, 'VM4')}`;
    expect(rows(2, 'way', 'icmp echo request')).toEqual([devices, devices]);
    expect(result(2, 'way')).toContain(`eno1, eno1.10, brvlan-10 and ${tap(2, 'VM4')} saw them\n`);
  });

  it('shows where packets to another VLAN get lost', () => {
    const text = result(1, 'lost');
    const last = text.split('\n').find((line) => line.includes('; ')) ?? text;
    expect(last).toBe(
      `${tap(1, 'VM1')}, brvlan-10, eno1.10 and eno1 saw them; eno1.20, brvlan-20 and ${tap(1, 'VM2')} did not`,
    );
  });

  it('leaves no process, and a file with the name of each device, as tshark reads it', async () => {
    expect(said.map((text) => /^processes: (\d+)$/m.exec(text)?.[1])).toEqual(['0', '0']);
    const file = Buffer.from(/^pcapng: (\S+)$/m.exec(said[0]!)?.[1] ?? '', 'base64');
    const { interfaces, packets } = readPcapng(file);
    expect(interfaces).toEqual([tap(1, 'VM1'), 'brvlan-10', 'eno1.10', 'eno1']);
    expect(new Set(packets).size).toBe(1);
    expect(packets[0]).toBeGreaterThanOrEqual(4);
    const folder = await mkdtemp(`${tmpdir()}/kvmnet-capture-`);
    try {
      await writeFile(`${folder}/way.pcapng`, file);
      const words = ['-n', '-r', `${folder}/way.pcapng`, '-T', 'fields', '-e', 'frame.interface_name', '-e', 'vlan.id'];
      const read = (await must('tshark', words)).trimEnd().split('\n');
      const tagged = (device: string): string => (device === 'eno1' ? 'eno1\t10' : `${device}\t`).trimEnd();
      for (const [index, device] of interfaces.entries()) {
        expect(read.filter((line) => line.trimEnd() === tagged(device))).toHaveLength(packets[index]!);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
