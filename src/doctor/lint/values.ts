/** Checks of single values: addresses, masks, gateways, VLAN IDs, names. The same in all formats. */
import { configsOf } from '../../config/config.ts';
import type { ConfiguredAddress, ConfiguredDevice, SourcedValue } from '../../config/device.ts';
import { readIp, readPrefix } from './address.ts';
import { about, type Complaint, type LintCheck, type LintSubject } from './check.ts';
import { misspeltKeys } from './keys.ts';
import { subnetChecks } from './subnets.ts';

/** netplan's grammar and the tables of systemd-networkd and NetworkManager judge their values. */
const isJudgedHere = ({ format }: ConfiguredDevice): boolean =>
  !['netplan', 'networkd', 'networkmanager'].includes(format);

const addressesOf = ({ devices }: Pick<LintSubject, 'devices'>): readonly ConfiguredAddress[] =>
  devices.flatMap((device) => device.addresses);

const judgedHere = ({ devices }: LintSubject): Pick<LintSubject, 'devices'> => ({
  devices: devices.filter(isJudgedHere),
});

const badAddress: LintCheck = {
  code: 'bad-address',
  severity: 'error',
  find: (subject) => {
    const settings = [
      ...addressesOf(judgedHere(subject)).map(({ address }) => address),
      ...judgedHere(subject).devices.flatMap(({ gateways }) => gateways),
    ];
    return settings
      .filter(({ value }) => readIp(value.replace(/%.*$/, '')) === undefined && !value.includes('$'))
      .map((each) => about(each, `${each.key}: ${each.value} is not an IP address`, addressRemedy(each.value)));
  },
};

function addressRemedy(value: string): string {
  const parts = value.split('.');
  const isOctal = parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256);
  if (isOctal) return `write ${parts.map(Number).join('.')}: with a zero in front some programs read an octal number`;
  return 'write four numbers from 0 to 255, such as 192.168.132.2, or an IPv6 address';
}

const badNetmask: LintCheck = {
  code: 'bad-netmask',
  severity: 'error',
  find: (subject) =>
    addressesOf(judgedHere(subject)).flatMap(({ address, mask }) => {
      const ip = readIp(address.value);
      if (mask === undefined || ip === undefined || readPrefix(mask.value, ip) !== undefined) return [];
      const most = ip.kind() === 'ipv4' ? 32 : 128;
      const isNumber = /^\d+$/.test(mask.value);
      const message = isNumber
        ? `${mask.key}: a prefix of ${mask.value} bits is too long: an address has ${most}`
        : `${mask.key}: ${mask.value} is not a netmask: it must be ones followed by zeros`;
      return [
        about(
          mask,
          message,
          isNumber || most === 128 ? `write a prefix from 0 to ${most}` : 'for a /24 write 255.255.255.0',
        ),
      ];
    }),
};

const noNetmask: LintCheck = {
  code: 'no-netmask',
  severity: 'warning',
  find: (subject) => {
    // The misspelled key of an ifcfg file, which has one device, may well be its netmask.
    const ifcfg = configsOf(subject.configs, 'ifcfg');
    const misspelt = new Set(misspeltKeys({ configs: ifcfg }).map(({ path }) => path));
    // An alias has its device's.
    const devices = subject.devices.filter(
      ({ name, path, format }) => format !== 'netplan' && !name.includes(':') && !misspelt.has(path),
    );
    return addressesOf({ devices }).flatMap(({ address, mask }) => {
      const ip = readIp(address.value);
      if (ip === undefined || mask !== undefined) return [];
      const number = /^IPADDR(\d*)$/.exec(address.key)?.[1];
      const usual = `${address.value}/${ip.kind() === 'ipv4' ? 24 : 64}`;
      const remedy =
        number === undefined ? `write ${usual}, if it is that` : `write NETMASK${number} or PREFIX${number} below it`;
      return [about(address, `${address.key}: ${address.value} has no netmask: its subnet is guessed`, remedy)];
    });
  },
};

const badVlanId: LintCheck = {
  code: 'bad-vlan-id',
  severity: 'error',
  find: ({ devices }) =>
    devices.flatMap(({ name, vlan, format }) => {
      const id = vlan?.id;
      if (
        id === undefined ||
        (format === 'netplan' && !/^\d+$/.test(id.value)) ||
        ((format === 'networkd' || format === 'networkmanager') && Number(id.value) !== 0) ||
        (/^\d+$/.test(id.value) && Number(id.value) >= 1 && Number(id.value) <= 4094)
      )
        return [];
      return [about(id, `${name}: ${id.value} is not a VLAN ID`, 'write a number from 1 to 4094')];
    }),
};

const badName: LintCheck = {
  code: 'bad-name',
  severity: 'error',
  find: ({ devices }) =>
    devices
      .filter((device) => isNamedHere(device) && !['networkd', 'networkmanager'].includes(device.format))
      .flatMap((device) => {
        const { name } = device;
        const length = Buffer.byteLength(name);
        if (length > 15)
          return [
            about(
              device,
              `${name}: a device's name has at most 15 characters, this one has ${length}`,
              `shorten it, for example to ${name.slice(0, 15)}`,
            ),
          ];
        if (/[\s/]/.test(name))
          return [
            about(
              device,
              `${JSON.stringify(name)}: a device's name has no spaces and no slashes`,
              `write ${name.replaceAll(/[\s/]+/g, '-')}`,
            ),
          ];
        return [];
      }),
};

/** An alias is not a separate device, and a pattern is not a device. */
function isNamedHere({ name, isTitle }: ConfiguredDevice): boolean {
  return isTitle !== true && !/[:*?[$]/.test(name);
}

const badMac: LintCheck = {
  code: 'bad-mac',
  severity: 'error',
  find: ({ devices }) =>
    devices
      .filter((device) => isJudgedHere(device) || /^([\da-f]{2}:){5}[\da-f]{2}$/i.test(device.mac?.value ?? ''))
      .flatMap(({ mac }) => (mac ? macComplaints(mac) : [])),
};

/** NetworkManager and netplan have words instead of an address too: `random`, `preserve`. */
function macComplaints(mac: SourcedValue): readonly Complaint[] {
  if (/^[a-z-]+$/.test(mac.value) || /[$;]/.test(mac.value)) return [];
  const bytes = mac.value.split(/[:-]/);
  const isInfiniband = bytes.length === 20;
  if (!isInfiniband && (bytes.length !== 6 || !bytes.every((byte) => /^[0-9a-f]{1,2}$/i.test(byte)))) {
    return [about(mac, `${mac.key}: ${mac.value} is not a MAC address`, 'write six bytes, such as 52:54:00:7d:be:70')];
  }
  if (isInfiniband || (Number.parseInt(bytes[0] ?? '0', 16) & 1) === 0) return [];
  return [
    about(
      mac,
      `${mac.key}: ${mac.value} is a multicast address, which no device can have`,
      'make its first byte even, such as 52',
    ),
  ];
}

const vlanMtu: LintCheck = {
  code: 'vlan-mtu',
  severity: 'error',
  find: ({ devices }) => {
    const named = new Map([...devices].reverse().map((device) => [device.name, device]));
    return devices.flatMap(({ vlan, mtu, name }) => {
      const parent = named.get(vlan?.parent?.value ?? '');
      if (mtu === undefined || parent === undefined) return [];
      const most = Number(parent.mtu?.value ?? 1500);
      if (!(Number(mtu.value) > most)) return [];
      return [
        about(
          mtu,
          `${mtu.key}: ${name} cannot have an MTU of ${mtu.value}: ${parent.name} below it has ${most}`,
          `give ${parent.name} an MTU of ${mtu.value} too, or remove this one`,
        ),
      ];
    });
  },
};

export const valueChecks: readonly LintCheck[] = [
  badAddress,
  badNetmask,
  noNetmask,
  ...subnetChecks,
  badVlanId,
  badName,
  badMac,
  vlanMtu,
];
