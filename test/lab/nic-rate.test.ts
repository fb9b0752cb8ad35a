import { describe, expect, it, jest } from '@jest/globals';
import { main, root } from '../helpers/host.ts';
import { runInLab } from '../helpers/lab.ts';

jest.setTimeout(480_000);

const program = main.slice(root.length);

const guest = `<domain type="qemu"><name>r1</name><memory unit="MiB">64</memory><os><type arch="x86_64" machine="pc">hvm</type></os>
<features><acpi/></features><devices><memballoon model="none"/>
<interface type="network"><mac address="52:54:00:00:00:01"/><source network="rate"/><model type="virtio"/></interface></devices></domain>`;

describe('vm rate on a kernel that can limit', () => {
  it('limits a running guest from its own view, live and in the configuration, and takes the limit away', async () => {
    const { stdout, status } = await runInLab(
      `
      modprobe -a sch_htb sch_sfq sch_ingress cls_u32 act_police
      cat >/tmp/net.xml <<XML
<network><name>rate</name><bridge name="rate0" stp="off" delay="0"/></network>
XML
      cat >/tmp/guest.xml <<XML
${guest}
XML
      cat >/tmp/inside <<'INSIDE'
      set -e
      v='virsh -q -c qemu:///system'
      k='node dist/bin/kvmnet.js'
      $v net-define /tmp/net.xml; $v net-start rate; $v define /tmp/guest.xml; $v start r1
      $k vm rate r1 0 --in 100mbit --out 8mbit
      echo "classes: $(tc class show dev vnet0)"
      echo "police: $(tc filter show dev vnet0 ingress)"
      $k vm rate r1 0
      $v dumpxml r1 | grep -c 'inbound average=.12500'
      $v dumpxml r1 --inactive | grep -c 'outbound average=.1000'
      $k undo --yes
      echo "left: $(tc class show dev vnet0) $(tc qdisc show dev vnet0 | grep -E 'htb|ingress')."
      echo "definitions: $($v dumpxml r1 | grep -c average) $($v dumpxml r1 --inactive | grep -c average)"
      $v destroy r1; $v undefine r1; $v net-destroy rate; $v net-undefine rate
INSIDE
      test/lab/enter bash /tmp/inside
    `,
      { nics: 0, seconds: 280 },
    );
    // What the guest receives is what leaves the host by the tap: a class; what it sends comes in there: a policer.
    expect(stdout).toMatch(/classes: .*rate 100Mbit/);
    expect(stdout).toMatch(/police: [^]*rate 8Mbit/);
    expect(stdout).toMatch(/live +100mbit +8mbit\n.*next boot +100mbit +8mbit\n1\n1\n/);
    expect(stdout).toContain('left:  .');
    expect(stdout).toContain('definitions: 0 0');
    expect(status).toBe(0);
  });

  it('guarantees a running guest a floor as virsh does, and takes it back', async () => {
    const { stdout, status } = await runInLab(
      `
      modprobe -a sch_htb sch_sfq sch_ingress cls_u32 cls_fw act_police
      cat >/tmp/net.xml <<XML
<network><name>rate</name><bridge name="rate0" stp="off" delay="0"/><bandwidth><inbound average="10000"/></bandwidth></network>
XML
      cat >/tmp/guest.xml <<XML
${guest}
XML
      cat >/tmp/inside <<'INSIDE'
      set -e
      k='node ${program}'; nic='r1 52:54:00:00:00:01'
      virsh -q net-define /tmp/net.xml; virsh -q net-start rate; virsh -q define /tmp/guest.xml; virsh -q start r1
      tune() {
        $1 domiftune $nic --inbound 100,200,300,50 --outbound 10 && echo "status $?"
        $1 domiftune $nic --inbound ,,,70 --live && echo "status $?"
        virsh domiftune $nic
        virsh dumpxml r1 | grep -E 'average|floor'
        tc class show dev rate0 | grep -o 'rate .*' | sort
      }
      tune virsh >/tmp/by-virsh
      virsh -q destroy r1; virsh -q start r1
      tune "$k" >/tmp/by-kvmnet
      diff /tmp/by-virsh /tmp/by-kvmnet && echo 'a floor as by virsh'
      virsh domiftune $nic
      $k undo --yes
      virsh domiftune $nic
      virsh -q destroy r1; virsh -q undefine r1; virsh -q net-destroy rate; virsh -q net-undefine rate
INSIDE
      test/lab/enter bash /tmp/inside
    `,
      { nics: 0, seconds: 430 },
    );
    expect(stdout).toMatch(/^a floor as by virsh$/m);
    expect(stdout).toMatch(/inbound\.average *: 0\n(?:.*\n)*inbound\.floor *: 70\n(?:.*\n)*outbound\.average *: 10\n/);
    expect(stdout).toMatch(/undone: (?:.*\n)*inbound\.average *: 100\n(?:.*\n)*inbound\.floor *: 50\n/);
    expect(status).toBe(0);
  });
});
