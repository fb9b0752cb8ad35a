import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { root } from '../helpers/host.ts';
import { defineContainer, labLimit, runInLabHosts } from '../helpers/lab.ts';

jest.setTimeout(labLimit * 1000);

/** The command lines of docs/tutorial.md, with what they print there. */
const steps = [...readFileSync(`${root}docs/tutorial.md`, 'utf8').matchAll(/^```\n([^]*?)^```$/gm)]
  .flatMap(([, block = '']) => block.split(/^(?=\$ kvmnet )/m))
  .map((text) => {
    const [line = '', ...printed] = text.trimEnd().split('\n');
    return { line: line.replace('$ kvmnet ', ''), printed: printed.join('\n') };
  });
/** Without what is another each time: MAC addresses, the numbers of taps, the model of a NIC, which containers lack, and the width of columns. */
const likeness = (text: string): string =>
  text
    .replaceAll(/52:54:00(:[0-9a-f]{2}){3}/g, 'MAC')
    .replaceAll(/vnet\d+/g, 'vnetN')
    .replaceAll(/(?<= )(?:virtio|-)(?= +MAC)/g, 'MODEL')
    .replaceAll(/(?<=\S) {2,}/g, '  ');

const [changes, looks] = [steps.slice(0, 7), steps.slice(7)].map((part) => part.map(({ line }) => line).join('\n'));

/** VM1 is in VLAN 10, VM2 in VLAN 20; their addresses are not known to the host. */
const first = `
cat >/tmp/inside <<'INSIDE'
set -e
${['VM1', 'VM2'].map((name) => defineContainer(name)).join('\n')}
lab-barrier ready
command kvmnet -c lxc:///system shell -e -x <<'KVMNET' 2>&1
${changes}
KVMNET
# The guests set their NICs up when they have started.
for _ in $(seq 1000); do [[ $(cat /sys/class/net/vnet*/carrier) == $'1\\n1' ]] && break; sleep 0.2; done
command kvmnet -c lxc:///system shell -x 2>&1 <<'KVMNET' || { echo "status $?"; ps -eo pid,ppid,stat,wchan:20,etimes,args; }
${looks}
path VM2 192.168.100.40 --probe
isolation --vms --probe
KVMNET
ip netns list; ip -br link | awk '/kvmnet/ {print "left: " $1}'
lab-barrier tried
INSIDE
test/lab/enter bash /tmp/inside
`;

/** 192.168.100.40 is in VLAN 10 of the other host. */
const second = `
set -e
ip link set eno1 up
ip link add link eno1 name eno1.10 type vlan id 10
ip address add 192.168.100.40/24 dev eno1.10
ip link set eno1.10 up
lab-barrier ready
lab-barrier tried
`;

describe('paths on two hosts with VLANs, tried with packets', () => {
  let said: string;
  beforeAll(async () => {
    const hosts = await runInLabHosts([first, second]);
    expect(hosts.map(({ status, stdout }) => [status, status === 0 ? '' : stdout])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    said = hosts[0]!.stdout;
  });

  it.each(steps)('are built and explained as in docs/tutorial.md: $line', ({ line, printed }) => {
    expect(likeness(said)).toContain(likeness(`$ kvmnet ${line}\n${printed}\n`));
  });

  it('do not exist between VLANs', () => {
    expect(said).toContain(
      'unreachable: VM1 and VM2 are in different broadcast domains: brvlan-10 carries VLAN 10, brvlan-20 carries VLAN 20, and no router connects them\n' +
        'probe: packets are not answered',
    );
  });

  it('lead to the cable in the VLAN, behind which the other host answers', () => {
    expect(said).toMatch(
      /^guest +VM1.*\nport +vnet\d+.*\nbridge +brvlan-10.*\nvlan +eno1\.10 +VLAN 10.*\nnic +eno1 +VLAN 10.*\ncable +cable of eno1 +VLAN 10\nunknown: .* 192\.168\.100\.40 is beyond it\nprobe: packets are answered \(192\.168\.100\.40\)$/m,
    );
    expect(said).toMatch(
      /^cable +cable of eno1 +VLAN 20\nunknown: .*\nprobe: packets are not answered \(192\.168\.100\.40\)$/m,
    );
  });

  it('are the cells of the matrix', () => {
    expect(said).toMatch(/^VM1 +self +no\nVM2 +no +self$/m);
  });

  it('leave no namespace', () => {
    expect(said).not.toMatch(/^(kvmnet|left)/m);
  });
});
