/** Networks of each kind, with UUIDs and MAC addresses of their own: two that are made by two tools are the same to the byte. */

const ip = (subnet: number, dhcp = ''): string =>
  `<ip address='192.168.${subnet}.1' netmask='255.255.255.0'>${dhcp}</ip>`;
const head = (name: string, number: number, mac = true): string =>
  `<name>${name}</name><uuid>00000000-0000-4000-8000-0000000000${number}</uuid>` +
  (mac ? `<mac address='52:54:00:aa:00:${number}'/>` : '');

const nat = `<network>${head('nat1', 11)}<forward mode='nat'/><bridge name='pnat1' stp='off' delay='0'/>
  <domain name='a.test'/><dns><txt name='t' value='v'/><host ip='192.168.171.20'><hostname>h1</hostname></host></dns>
  ${ip(
    171,
    `<dhcp><range start='192.168.171.2' end='192.168.171.99'/>
    <host mac='52:54:00:00:01:01' name='one' ip='192.168.171.10'/>
    <host mac='52:54:00:00:01:02' name='two' ip='192.168.171.11'/></dhcp>`,
  )}
  <ip family='ipv6' address='fd00:171::1' prefix='64'><dhcp><range start='fd00:171::100' end='fd00:171::1ff'/></dhcp></ip>
  <portgroup name='web' default='yes'/></network>`;

const fresh = `<network>${head('fresh', 21)}<bridge name='pfresh' stp='off' delay='0'/>${ip(181)}</network>`;

export const networks = {
  nat1: nat,
  // In virsh's lists upper and lower case are one.
  Iso1: `<network>${head('Iso1', 12)}<bridge name='piso1' stp='off' delay='0'/>${ip(172)}</network>`,
  routed: `<network>${head('routed', 13)}<forward mode='route'/><bridge name='prouted' stp='off' delay='0'/>${ip(173)}</network>`,
  open: `<network>${head('open', 14)}<forward mode='open'/><bridge name='popen' stp='off' delay='0'/>${ip(174)}</network>`,
  bridged: `<network>${head('bridged', 15, false)}<forward mode='bridge'/><bridge name='pbr0'/></network>`,
  macvtap: `<network>${head('macvtap', 16, false)}<forward mode='bridge'><interface dev='pnic0'/></forward></network>`,
  // Live, and gone when it stops.
  passing: `<network>${head('passing', 17)}<bridge name='ppassing' stp='off' delay='0'/>${ip(177)}</network>`,
} as const;

/** Networks that tests define and create in addition to these. */
export const more = {
  fresh,
  overlap: fresh
    .replace('>fresh<', '>overlap<')
    .replace('0021<', '0022<')
    .replace('pfresh', 'pover')
    .replace('181', '171'),
  twin: nat.replace(/<uuid>.*?<\/uuid>/, ''),
  renamed: nat.replace('>nat1<', '>renamed<'),
  changed: nat.replace('a.test', 'b.test'),
  unknown: fresh.replace('</network>', '<bogus/></network>'),
  broken: '<network><name>broken',
  nothing: '',
  filter: '<filter name="keen-filter"><rule action="drop" direction="in"><tcp dstportstart="25"/></rule></filter>',
} as const;

type Name = keyof typeof networks;

export const names = Object.keys(networks) as readonly Name[];

/** virsh's commands that make one of them: active, inactive, transient, with autostart or without. */
export function arrangement(name: Name, file: string): string {
  if (name === 'passing') return `net-create ${file}`;
  const active = ['nat1', 'macvtap', 'bridged'].includes(name);
  const autostart = ['nat1', 'Iso1'].includes(name);
  return [
    `net-define ${file}`,
    ...(active ? [`net-start ${name}`] : []),
    ...(autostart ? [`net-autostart ${name}`] : []),
  ].join('; ');
}
