import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { labLimit, runInLab } from '../helpers/lab.ts';
import { managersPrelude } from '../helpers/config/managers.ts';

jest.setTimeout(labLimit * 1000);

/** A bridge for VLAN 10, one with two addresses, routes, an MTU and a MAC of its own, a NIC with an address, and a bond where the kernel has it. */
const makeState = `make_state() {
set -e
kvmnet shell -e <<'KVMNET'
vlan create eno1 10 --bridge brvlan-10
bridge create br0 --port eno2 --address 192.168.77.2/24 --gateway 192.168.77.1 --mac 52:54:00:00:77:01
bond create bond0 eno4 eno5 --primary eno4
KVMNET
ip link set eno2 mtu 1400
ip address add 192.168.77.3/24 dev br0
ip -6 address add fd00:77::2/64 dev br0 nodad
ip route add 10.9.0.0/16 via 192.168.77.9
ip -6 route add default via fd00:77::1
ip link set eno3 up; ip address add 10.3.0.2/24 dev eno3
ip address add 192.168.78.2/24 dev bond0
settled_state "$1"
set +e
}
make_state /tmp/state.before
`;

interface Manager {
  readonly format: string;
  /** The state of the host before. */
  readonly prepare?: string;
  /** The real tool, as at boot. */
  readonly start: string;
  /** It goes, with its files, and leaves the devices. */
  readonly end: string;
  /** Printed where the state never comes back. */
  readonly log: string;
}

/** In this order on one machine. The first needs no udev, and the others start one. */
const managers = [
  {
    format: 'ifupdown',
    prepare:
      "printf 'auto lo\\niface lo inet loopback\\n\\nsource /etc/network/interfaces.d/*\\n' >/etc/network/interfaces",
    start: 'ifup -a -v >/tmp/ifup.log 2>&1',
    end: 'rm -r /etc/network/interfaces /run/network/ifstate; start_udev',
    log: 'tail -n 60 /tmp/ifup.log',
  },
  {
    format: 'networkd',
    start: 'start_networkd',
    end: 'stop systemd-networkd; rm -r /etc/systemd/network',
    log: 'cat /tmp/networkd.log',
  },
  {
    format: 'netplan',
    start: 'netplan generate; start_networkd',
    end: 'stop systemd-networkd; rm -r /etc/netplan /run/systemd/network',
    log: 'tail -n 99 /run/systemd/network/* /tmp/networkd.log',
  },
  {
    format: 'networkmanager',
    start: 'start_networkmanager',
    end: '',
    log: 'nmcli connection; nmcli device; tail -n 200 /tmp/networkmanager.log',
  },
] as const satisfies readonly Manager[];

const parts = managers.map(
  ({ format, start, end, log, ...manager }) => `
echo "==== ${format}"
${'prepare' in manager ? manager.prepare : ''}
kvmnet shell -e <<'KVMNET'
host persist --for ${format} --write
host persist --for ${format}
KVMNET
echo "status $?"
tear_down
ip link show br0 2>&1
${start}
same_state /tmp/state.before || { ${log}; tear_down; make_state /tmp/state.made; }
${end}`,
);

describe('host persist', () => {
  let said: Readonly<Record<string, string>> = {};
  beforeAll(async () => {
    const { stdout } = await runInLab(`${managersPrelude}${makeState}${parts.join('')}`, { nics: 5 });
    said = Object.fromEntries(
      stdout.split(/^==== /m).map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1)]),
    );
  });

  it.each(managers)('what it writes for $format brings the host back as it was', ({ format }) => {
    const part = said[format] ?? JSON.stringify(said);
    expect(part).toContain(`the files for ${format} are up to date: nothing to do\nstatus 0\n`);
    expect(part).toContain('Device "br0" does not exist.');
    expect(part).toMatch(/^the state is as before$/m);
  });

  it('follows a change with --persist: adds what is created, removes what is deleted, and one undo reverts both', async () => {
    const { stdout, status } = await runInLab(
      `${managersPrelude}
printf '# kept\\nauto eno2\\niface eno2 inet dhcp\\n' >/etc/network/interfaces
kvmnet vlan create eno1 10 --bridge brvlan-10 --persist || exit 1
grep -A1 -E '^iface (eno1.10|brvlan-10) ' /etc/network/interfaces
kvmnet vlan delete eno1 10 --persist --yes || exit 1
kvmnet bridge delete brvlan-10 --persist --yes || exit 1
echo "left: $(grep -cE 'eno1.10|brvlan-10' /etc/network/interfaces)"
cp /etc/network/interfaces /tmp/middle
kvmnet bridge create br0 --port eno2 --address dhcp --persist || exit 1
grep -A1 -E '^iface (eno2|br0) ' /etc/network/interfaces
kvmnet undo --yes
cmp /tmp/middle /etc/network/interfaces && ip link show br0 2>&1`,
    );
    expect(stdout).toContain('written for ifupdown: /etc/network/interfaces\n');
    expect(stdout).toContain('iface eno1.10 inet manual\n    vlan-raw-device eno1\n');
    expect(stdout).toContain('iface brvlan-10 inet manual\n    bridge_ports eno1.10\n');
    expect(stdout).toContain('left: 0\n');
    expect(stdout).toContain('its address comes by DHCP once the manager has it: ifup br0\n');
    expect(stdout).toContain('iface eno2 inet manual\n');
    expect(stdout).toContain('iface br0 inet dhcp\n    bridge_ports eno2\n');
    expect(stdout).toMatch(/Device "br0" does not exist\.\n$/);
    expect(status).toBe(1);
  });
});
