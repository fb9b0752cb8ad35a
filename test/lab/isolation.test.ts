import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { defineContainer, labLimit, runInLabHosts } from '../helpers/lab.ts';

jest.setTimeout(labLimit * 1000);

/** VLAN 10 has VM1 and VM4, VLAN 20 the others; all are in one subnet, and in a second one with a gateway. */
const guests = {
  VM1: { host: 1, vlan: 10, address: '192.168.100.10' },
  VM2: { host: 1, vlan: 20, address: '192.168.100.20' },
  VM3: { host: 1, vlan: 20, address: '192.168.100.30' },
  VM4: { host: 2, vlan: 10, address: '192.168.100.40' },
  VM5: { host: 2, vlan: 20, address: '192.168.100.50' },
} as const;

type Name = keyof typeof guests;
const names = Object.keys(guests) as Name[];
const here = (host: 1 | 2): Name[] => names.filter((name) => guests[name].host === host);
const routed = (name: Name): string => guests[name].address.replace('.100.', `.${guests[name].vlan}.`);

/** A host of the experiment: kvmnet does all of it but defining the guests. */
const hostScript = (host: 1 | 2): string => `
cat >/tmp/inside <<'INSIDE'
set -e
kvmnet() { command kvmnet -c lxc:///system "$@"; }
declare -A process
inside() { nsenter -t \${process[$1]} -n "\${@:2}"; }
reaches() { # FROM ADDRESS WORD
  if inside $1 ping -q -c 1 -W 2 $2 >/dev/null 2>&1; then echo "$1 reaches $3"; else echo "$1 misses $3"; fi
}
${here(host)
  .map((name) =>
    defineContainer(name, [
      `$b ip addr add ${guests[name].address}/24 dev $n; $b ip addr add ${routed(name)}/24 dev $n`,
      `$b ip route add default via 192.168.${guests[name].vlan}.1`,
    ]),
  )
  .join('\n')}
kvmnet shell -e <<'KVMNET'
vlan create eno1 10 --bridge brvlan-10
vlan create eno1 20 --bridge brvlan-20
vlan create eno1 10 --bridge brvlan-10
${here(host)
  .map((name) => `vm attach ${name} brvlan-${guests[name].vlan}`)
  .join('\n')}
vm start ${here(host).join(' ')}
domiflist
vlan list
KVMNET
for name in ${here(host).join(' ')}; do
  process[$name]=$(pgrep -f inside-$name)
  for _ in $(seq 1000); do inside $name ip -br address | grep -q '192.168.[12]0[.]' && break; sleep 0.2; done
done
lab-barrier ready
${
  host === 1
    ? `timeout 900 tcpdump -i eno1 -e -n -c 1 'vlan 10 and icmp and src ${guests.VM1.address} and dst ${guests.VM4.address}' >/tmp/capture 2>/tmp/capture.err & sniffer=$!
for _ in $(seq 3000); do grep -q listening /tmp/capture.err && break; sleep 0.1; done
inside VM1 ping -q -c 3 -W 5 ${guests.VM4.address} >/dev/null
wait $sniffer; echo "capture: $(cat /tmp/capture)"; echo "VM1 is $(virsh -q -c lxc:///system domiflist VM1 | awk '{print $5}')"`
    : ''
}
${here(host)
  .flatMap((from) => names.filter((to) => to !== from).map((to) => `reaches ${from} ${guests[to].address} ${to} &`))
  .join('\n')}
${host === 1 ? `reaches VM1 203.0.113.1 outside & reaches VM1 ${routed('VM2')} VM2-by-routing & reaches VM2 203.0.113.1 outside &` : ''}
wait
lab-barrier tried
kvmnet shell -e <<'KVMNET'
vm stop ${here(host).join(' ')} --force --yes
vlan delete eno1 10 --yes
vlan delete eno1 20 --yes
bridge delete brvlan-10 brvlan-20 --yes
KVMNET
ip -br link | awk '{print "left: " $1}'
INSIDE
test/lab/enter bash /tmp/inside
`;

/** The third host: a gateway between the VLANs, and to an outside that has no route to them. */
const gatewayScript = `
set -e
ip -batch - <<'IP'
netns add outside
link add up0 type veth peer name eth0 netns outside
address add 203.0.113.254/24 dev up0
link set up0 up
IP
ip -n outside -batch - <<'IP'
address add 203.0.113.1/24 dev eth0
link set eth0 up
IP
forwarding() { echo "forwarding $1: $(cat /proc/sys/net/ipv4/ip_forward)"; }
forwarding before
# Node takes seconds to start here: the refusal ends this shell.
status=0; command kvmnet shell -e 2>&1 <<'KVMNET' || status=$?
vlan create eno1 10 --address 192.168.10.1/24
vlan create eno1 20 --address 192.168.20.1/24
vlan list
snat add 192.168.10.0/24 --to masquerade --dev up0
KVMNET
echo "without consent: $status"; forwarding refused
command kvmnet shell -e <<'KVMNET'
snat add 192.168.10.0/24 --to masquerade --dev up0 --yes
snat add 192.168.20.0/24 --to masquerade --dev up0
KVMNET
forwarding after; cat /etc/sysctl.d/60-kvmnet-nat.conf
ip netns exec outside timeout 900 tcpdump -i eth0 -n -c 1 icmp >/tmp/capture 2>/tmp/capture.err & sniffer=$!
for _ in $(seq 3000); do grep -q listening /tmp/capture.err && break; sleep 0.1; done
lab-barrier ready
lab-barrier tried
wait $sniffer; echo "outside: $(cat /tmp/capture)"
command kvmnet snat list
`;

describe('two hosts joined by a cable, and a gateway', () => {
  let said: string[];
  beforeAll(async () => {
    const hosts = await runInLabHosts([hostScript(1), hostScript(2), gatewayScript], { iptables: [3] });
    expect(hosts.map(({ status, stdout }) => [status, status === 0 ? '' : stdout])).toEqual([
      [0, ''],
      [0, ''],
      [0, ''],
    ]);
    said = hosts.map(({ stdout }) => stdout);
  });

  it.each(names.flatMap((from) => names.filter((to) => to !== from).map((to) => [from, to] as const)))(
    '%s reaches %s exactly where they are in one VLAN',
    (from, to) => {
      const word = guests[from].vlan === guests[to].vlan ? 'reaches' : 'misses';
      expect(said.join('\n')).toMatch(new RegExp(`^${from} ${word} ${to}$`, 'm'));
    },
  );

  it('carry the frames of VM1 with the tag of its VLAN', () => {
    const mac = /^VM1 is (\S+)$/m.exec(said[0]!)?.[1];
    expect(mac).toMatch(/^52:54:00:/);
    expect(said[0]).toMatch(new RegExp(`^capture: .*${mac} > .*vlan 10,.*192.168.100.10 > 192.168.100.40`, 'm'));
  });

  it('reach the outside, and the other VLAN by routing, through the gateway', () => {
    expect(said[0]).toMatch(/^VM1 reaches outside$/m);
    expect(said[0]).toMatch(/^VM1 reaches VM2-by-routing$/m);
    expect(said[0]).toMatch(/^VM2 reaches outside$/m);
  });

  it("need only kvmnet's commands at the gateway, which enables forwarding of packets only with consent, for good", () => {
    expect(said[2]).toContain('forwarding before: 0\n');
    expect(said[2]).toMatch(/net\.ipv4\.ip_forward is off: .*\n.*\nwithout consent: 2\nforwarding refused: 0\n/);
    expect(said[2]).toContain('forwarding after: 1\nnet.ipv4.ip_forward = 1\n');
    expect(said[2]).toMatch(/^192\.168\.20\.0\/24 +up0 +masquerade +yes +\d+$/m);
  });

  it('are seen outside with the address of the gateway', () => {
    expect(said[2]).toMatch(/^outside: .* IP 203\.0\.113\.254 > 203\.0\.113\.1: ICMP echo request/m);
  });

  it('show every NIC with its bridge, and every VLAN device with its ID', () => {
    expect(said[0]).toMatch(/^ ?VM1 +vnet\d+ +bridge +brvlan-10 /m);
    expect(said[1]).toMatch(/^ ?VM5 +vnet\d+ +bridge +brvlan-20 /m);
    expect(said[0]).toMatch(/eno1\.10 +eno1 +10 +brvlan-10/);
    expect(said[2]).toMatch(/eno1\.20 +eno1 +20 /);
  });

  it('are as before once all is deleted', () => {
    for (const host of [0, 1]) {
      const left = [...said[host]!.matchAll(/^left: (\S+)$/gm)].map(([, name]) => name);
      expect(left).toEqual(['lo', 'eno1']);
    }
  });
});
