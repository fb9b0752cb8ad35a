import { describe, expect, it, jest } from '@jest/globals';
import { labCache, runInLab } from '../helpers/lab.ts';

jest.setTimeout(180_000);

describe('a lab host', () => {
  it('has the kernel for VLANs, NICs of its own, and a libvirtd that starts containers', async () => {
    const { stdout, status } = await runInLab(`
      set -e
      ip link add link eno1 name eno1.10 type vlan id 10
      ip link add name brvlan-10 type bridge vlan_filtering 1
      ip link set dev eno1.10 master brvlan-10
      container=/tmp/container; mkdir -p $container/{bin,dev,proc,sys}
      cp ${labCache}/busybox $container/bin/; ln -s busybox $container/bin/sleep
      test/lab/enter bash -e -c '
        cat >/tmp/container.xml <<XML
<domain type="lxc"><name>c1</name><memory unit="MiB">64</memory><os><type>exe</type><init>/bin/sleep</init><initarg>600</initarg></os>
<devices><filesystem type="mount"><source dir="/tmp/container"/><target dir="/"/></filesystem><console type="pty"/>
<interface type="bridge"><mac address="52:54:00:00:00:01"/><source bridge="brvlan-10"/></interface></devices></domain>
XML
        virsh="virsh -q -c lxc:///system"
        $virsh define /tmp/container.xml; $virsh start c1; $virsh domiflist c1; bridge -j link
      '
    `);
    expect(stdout).toMatch(/^ vnet0 +bridge +brvlan-10 +- +52:54:00:00:00:01$/m);
    expect(stdout).toMatch(/"ifname":"eno1\.10".*"master":"brvlan-10"/);
    expect(status).toBe(0);
  });

  it('gives back the status of its script', async () => {
    expect(await runInLab('echo said; ip -br link show eno2 2>&1; exit 3', { nics: 1 })).toEqual({
      stdout: 'said\nDevice "eno2" does not exist.\n',
      stderr: '',
      status: 3,
    });
  });
});
