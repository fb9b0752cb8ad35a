/** The ways in which tests break a private host, each with the check that has to find it. Lines are for bash. */
import type { Member } from '../../helpers/user.ts';

export interface Row {
  readonly code: string;
  readonly break: string;
  /** The user who looks; root by default. */
  readonly as?: Member;
  /** In place of the remedy, which names a line to write. */
  readonly correct?: string;
  /** Removes what the break and the remedy leave. */
  readonly clean?: string;
  /** A part of the sentence of a finding. */
  readonly says?: string;
}

/** A copy of /etc, in which files of managers and users do not concern this machine. */
export const ownEtc =
  'mkdir -p /run/doctor/etc; mount -t tmpfs -o mode=0755 tmpfs /run/doctor/etc; cp -a /etc/. /run/doctor/etc; mount --bind /run/doctor/etc /etc';
export const formerEtc = 'umount --lazy /etc; umount --lazy /run/doctor/etc';

/** An XML document for virsh, as a file that bash writes. */
export const given = (name: string, xml: string): string => `cat > /run/doctor/${name}.xml <<'END'\n${xml}\nEND`;

export const networkXml = (name: string, subnet: string, more = ''): string =>
  `<network><name>${name}</name><forward mode='nat'/><bridge name='${name}0' stp='off' delay='0'/>${more}` +
  `<ip address='${subnet}.1' netmask='255.255.255.0'><dhcp><range start='${subnet}.2' end='${subnet}.254'/></dhcp></ip></network>`;

export const domainXml = (name: string, nics: string): string =>
  `<domain type='qemu'><name>${name}</name><memory unit='MiB'>16</memory><os><type arch='x86_64' machine='pc'>hvm</type></os>` +
  `<devices>${nics}</devices></domain>`;

export const nicIn = (network: string, mac: string): string =>
  `<interface type='network'><mac address='52:54:00:d0:c0:${mac}'/><source network='${network}'/></interface>`;
export const nicOn = (bridge: string, mac: string): string =>
  `<interface type='bridge'><mac address='52:54:00:d0:c0:${mac}'/><source bridge='${bridge}'/></interface>`;

export const define = (name: string, nics: string): string =>
  `${given(name, domainXml(name, nics))}\nvirsh -q define /run/doctor/${name}.xml`;
export const undefine = (name: string): string => `virsh -q undefine ${name}`;
export const network = (xml: string, name: string, how = 'net-define'): string =>
  `${given(name, xml)}\nvirsh -q ${how} /run/doctor/${name}.xml`;
export const removeNetwork = (name: string): string =>
  `virsh -q net-destroy ${name} 2>/dev/null; virsh -q net-undefine ${name}`;

/** A cable with both ends on the host, up, of which the first end is called `name`. */
export const cable = (name: string): string =>
  `ip link add ${name} type veth peer name ${name}p\nip link set ${name} up\nip link set ${name}p up`;
export const bridge = (name: string): string => `ip link add ${name} type bridge stp_state 0\nip link set ${name} up`;
export const removeLinks = (...names: readonly string[]): string =>
  names.map((name) => `ip link delete ${name}`).join('\n');
