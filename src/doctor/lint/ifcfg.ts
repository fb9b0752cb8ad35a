/** Checks of ifcfg files alone. Sources: sysconfig.txt, ifup and ifup-eth of initscripts. */
import { configsOf } from '../../config/config.ts';
import { dottedName } from '../../config/device.ts';
import { ifcfgName, ifcfgValues, isTrue } from '../../config/ifcfg/read.ts';
import { about, type LintCheck } from './check.ts';
import { ifcfgEntries, misspelling } from './keys.ts';

/** Types that the scripts compare letter by letter. */
const exactTypes: readonly string[] = [
  'Bridge',
  'Tap',
  'OVSBridge',
  'OVSPort',
  'OVSIntPort',
  'OVSBond',
  'Team',
  'TeamPort',
];
const otherTypes: readonly string[] = [
  'Ethernet',
  'Vlan',
  'Bond',
  'Wireless',
  'InfiniBand',
  'IPIP',
  'GRE',
  'IPSEC',
  'Tun',
  'Veth',
  'Modem',
  'xDSL',
  'Dummy',
  'Loopback',
  'Token Ring',
];

const typeCase: LintCheck = {
  code: 'type-case',
  severity: 'error',
  find: (subject) =>
    ifcfgEntries(subject, ['TYPE', 'DEVICETYPE']).flatMap((entry) => {
      const exact = exactTypes.find((type) => type.toLowerCase() === entry.value.toLowerCase());
      if (exact === undefined || exact === entry.value || entry.key === 'DEVICETYPE') return [];
      const message = `${entry.key}=${entry.value}: network-scripts want ${exact}, and with anything else make no ${exact.toLowerCase()}`;
      return [about(entry, message, `write ${entry.key}=${exact}`)];
    }),
};

/** The values that a key can have, in lower case, and the usual ones for a remedy; without those only typos are reported. */
const words: readonly {
  readonly keys: readonly string[];
  readonly values: readonly string[];
  readonly usual?: string;
}[] = [
  {
    keys: 'ONBOOT DEFROUTE PEERDNS PEERROUTES NM_CONTROLLED VLAN SLAVE STP USERCTL IPV6INIT IPV6_AUTOCONF IPV4_FAILURE_FATAL'.split(
      ' ',
    ),
    values: ['yes', 'no', 'true', 'false', 'on', 'off', 'y', 'n', 't', 'f', '1', '0'],
    usual: 'yes or no',
  },
  {
    keys: ['BOOTPROTO'],
    values: ['none', 'static', 'dhcp', 'bootp', 'ibft', 'autoip', 'shared', 'dhcp4', 'dhcp6', 'dhcp+autoip', 'dialup'],
    usual: 'none, static or dhcp',
  },
  { keys: ['TYPE'], values: [...exactTypes, ...otherTypes].map((type) => type.toLowerCase()) },
];

const badValue: LintCheck = {
  code: 'bad-value',
  severity: 'error',
  find: (subject) =>
    words.flatMap(({ keys, values, usual }) =>
      ifcfgEntries(subject, keys).flatMap((entry) => {
        const value = entry.value.toLowerCase();
        if (value === '' || values.includes(value) || value.includes('$')) return [];
        const slip = misspelling(value, values);
        const meant = [...exactTypes, ...otherTypes].find((type) => type.toLowerCase() === slip) ?? slip ?? usual;
        if (meant === undefined) return [];
        return [about(entry, `${entry.key}=${entry.value}: invalid value`, `write ${entry.key}=${meant}`)];
      }),
    ),
};

const fileName: LintCheck = {
  code: 'file-name',
  severity: 'warning',
  find: ({ configs }) =>
    configsOf(configs, 'ifcfg').flatMap((config) => {
      const value = ifcfgValues(config);
      const device = value('DEVICE');
      const name = ifcfgName(config.file.path);
      const titles = [device?.value, value('NAME')?.value.replaceAll(' ', '_')];
      if (
        device === undefined ||
        !/^[\w.:@-]+$/.test(device.value) ||
        titles.includes(name) ||
        !config.file.path.includes('ifcfg-')
      )
        return [];
      const message = `DEVICE=${device.value} in a file named ifcfg-${name}: ifup ${device.value} does not find it`;
      return [about(device, message, `rename the file to ifcfg-${device.value}, or write DEVICE=${name}`)];
    }),
};

const definedTwice: LintCheck = {
  code: 'device-twice',
  severity: 'warning',
  find: ({ configs }) => {
    const devices = configsOf(configs, 'ifcfg').flatMap((config) => ifcfgValues(config)('DEVICE') ?? []);
    return devices.flatMap((device, index) => {
      const first = devices.slice(0, index).find(({ value }) => value === device.value);
      if (first === undefined) return [];
      return [
        about(
          device,
          `DEVICE=${device.value}: ${first.path} is about the same device`,
          'delete the file that you do not want',
        ),
      ];
    });
  },
};

const vlanWithoutYes: LintCheck = {
  code: 'vlan-without-yes',
  severity: 'error',
  find: ({ configs }) =>
    configsOf(configs, 'ifcfg').flatMap((config) => {
      const value = ifcfgValues(config);
      const device = value('DEVICE');
      if (device === undefined || isTrue(value('VLAN')) || value('TYPE')?.value.toLowerCase() === 'vlan') return [];
      if (!dottedName(device.value) || device.value.includes(':')) return [];
      return [
        about(
          device,
          `DEVICE=${device.value} is named like a VLAN device, and nothing makes it one`,
          'write VLAN=yes below it',
        ),
      ];
    }),
};

const vlanIdMismatch: LintCheck = {
  code: 'vlan-id-mismatch',
  severity: 'warning',
  find: ({ configs }) =>
    configsOf(configs, 'ifcfg').flatMap((config) => {
      const value = ifcfgValues(config);
      const id = value('VLAN_ID') ?? value('VID');
      const dotted = dottedName(value('DEVICE')?.value ?? '');
      if (id === undefined || dotted === undefined || Number(dotted.id) === Number(id.value)) return [];
      const message = `${id.key}=${id.value}, and DEVICE=${dotted.parent}.${dotted.id}: network-scripts take the name's number, NetworkManager the key's`;
      return [about(id, message, `write ${id.key}=${dotted.id}, or rename the device to ${dotted.parent}.${id.value}`)];
    }),
};

/** The shell takes the last one, unless that one adds to the first: OPTS="$OPTS more". */
const keyTwice: LintCheck = {
  code: 'key-twice',
  severity: 'warning',
  find: ({ configs }) =>
    configsOf(configs, 'ifcfg').flatMap(({ file, parsed }) => {
      const lasts = new Map(parsed.entries.map((entry) => [entry.key, entry]));
      return parsed.entries.flatMap(({ key, value, line }) => {
        const last = lasts.get(key);
        if (last === undefined || last.value === value || last.value.includes(`$${key}`)) return [];
        const message = `${key}=${value} is not used: line ${last.line} sets ${key} again, and the last one counts`;
        const remedy = `delete one of the two lines, or give ${key} a number of its own`;
        return [about({ path: file.path, line }, message, remedy)];
      });
    }),
};

/** network-scripts want both; NetworkManager takes MASTER alone. */
const masterWithoutSlave: LintCheck = {
  code: 'master-without-slave',
  severity: 'error',
  find: ({ configs }) =>
    configsOf(configs, 'ifcfg').flatMap((config) => {
      const value = ifcfgValues(config);
      const [master, slave] = [value('MASTER'), value('SLAVE')];
      if (master === undefined || isTrue(slave)) return [];
      const what = slave ? `SLAVE=${slave.value}` : 'no SLAVE=yes';
      const message = `MASTER=${master.value} with ${what}: network-scripts do not make it a port of ${master.value}`;
      return [about(slave ?? master, message, slave ? 'write SLAVE=yes' : 'write SLAVE=yes below it')];
    }),
};

export const ifcfgChecks: readonly LintCheck[] = [
  keyTwice,
  masterWithoutSlave,
  typeCase,
  badValue,
  fileName,
  definedTwice,
  vlanWithoutYes,
  vlanIdMismatch,
];
