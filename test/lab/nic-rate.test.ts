import { describe, expect, it, jest } from '@jest/globals';
import { runInLab } from '../helpers/lab.ts';

jest.setTimeout(330_000);

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
      k='node dist/cli/main.js'
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
});
