import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Outcome } from '../helpers/host.ts';
import { labCache, labLimit, runInLab } from '../helpers/lab.ts';

jest.setTimeout(labLimit * 1000);

const script = `
container=/tmp/container; mkdir -p $container/{bin,dev,proc,sys}
cp ${labCache}/busybox $container/bin/; ln -s busybox $container/bin/sleep
cat >/tmp/container.xml <<XML
<domain type="lxc"><name>c1</name><memory unit="MiB">64</memory><os><type>exe</type><init>/bin/sleep</init><initarg>600</initarg></os>
<devices><filesystem type="mount"><source dir="/tmp/container"/><target dir="/"/></filesystem><console type="pty"/>
<interface type="bridge"><mac address="52:54:00:00:00:01"/><source bridge="brvlan-10"/></interface></devices></domain>
XML
test/lab/enter bash -e -c '
  ip link add link eno1 name eno1.10 type vlan id 10
  ip link add name brvlan-10 type bridge vlan_filtering 1
  ip link set dev eno1.10 master brvlan-10
  virsh="virsh -q -c lxc:///system"
  $virsh define /tmp/container.xml; $virsh start c1; $virsh domiflist c1; bridge -j link
' && echo 'the container runs'
echo said; ip -br link show eno2 2>&1; exit 3`;

describe('a lab host', () => {
  let said: Outcome;
  beforeAll(async () => {
    said = await runInLab(script, { nics: 1 });
  });

  it('has the kernel for VLANs, NICs of its own, and a libvirtd that starts containers', () => {
    expect(said.stdout).toMatch(/^ vnet0 +bridge +brvlan-10 +- +52:54:00:00:00:01$/m);
    expect(said.stdout).toMatch(/"ifname":"eno1\.10".*"master":"brvlan-10"/);
    expect(said.stdout).toContain('the container runs\n');
  });

  it('gives back the status of its script', () => {
    expect(said.stdout).toMatch(/the container runs\nsaid\nDevice "eno2" does not exist\.\n$/);
    expect(said).toMatchObject({ stderr: '', status: 3 });
  });
});
