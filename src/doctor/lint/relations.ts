/** Checks of references between devices: bridges and their ports, VLANs and their NICs. The same in all formats. */
import type { ConfiguredDevice } from '../../config/device.ts';
import { groupBy } from '../../values/group-by.ts';
import { ownerByName } from '../../state/owners.ts';
import { about, placeOf, type Complaint, type LintCheck, type LintSubject } from './check.ts';
import { closestName } from './keys.ts';
import { earlierOthers, plugsOf, portKey } from './plugs.ts';

const indexes = new WeakMap<readonly ConfiguredDevice[], ReadonlyMap<string, ConfiguredDevice>>();

/** The first device of a name. */
function find(devices: readonly ConfiguredDevice[], name: string): ConfiguredDevice | undefined {
  let index = indexes.get(devices);
  if (!index) {
    index = new Map([...devices].reverse().map((device) => [device.name, device]));
    indexes.set(devices, index);
  }
  return index.get(name);
}

/** The device that a name is probably a slip of. */
function closest(name: string, devices: readonly ConfiguredDevice[]): string | undefined {
  return closestName(
    name,
    devices.map((device) => device.name),
  );
}

const bridgeUndefined: LintCheck = {
  code: 'bridge-undefined',
  severity: 'error',
  find: ({ devices }) =>
    devices.flatMap(({ name, format, bridge, bond }) =>
      [bridge, bond].flatMap((setting) => {
        if (setting === undefined || isUuid(setting.value)) return [];
        const kind = setting === bridge ? 'bridge' : 'bond';
        const master = find(devices, setting.value);
        if (master && isMaster(master, kind)) return [];
        const isThere = master !== undefined && format !== 'networkd';
        const what = isThere ? `${setting.value} is not a ${kind}` : `no file defines the ${kind} ${setting.value}`;
        const near = closest(
          setting.value,
          devices.filter((device) => device.kind === kind),
        );
        const remedy = near === undefined ? definition(format, kind, setting.value) : `write ${setting.key}=${near}`;
        const outcome =
          format === 'ifcfg' || format === 'networkmanager'
            ? `: ${name} fails with "Master device can't be activated"`
            : '';
        return [about(setting, `${setting.key}=${setting.value}: ${what}${outcome}`, remedy)];
      }),
    ),
};

/** A bond of ifcfg files may have its options in modprobe's, and then looks like any NIC. */
function isMaster({ kind, format }: ConfiguredDevice, wanted: 'bridge' | 'bond'): boolean {
  return kind === wanted || kind === 'other' || (wanted === 'bond' && format === 'ifcfg');
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}

function definition(format: ConfiguredDevice['format'], kind: 'bridge' | 'bond', name: string): string {
  switch (format) {
    case 'ifcfg':
      return kind === 'bridge'
        ? `write ifcfg-${name} with DEVICE=${name} TYPE=Bridge ONBOOT=yes`
        : `write ifcfg-${name} with DEVICE=${name} TYPE=Bond ONBOOT=yes BONDING_OPTS="mode=active-backup miimon=100"`;
    case 'networkd':
      return `write ${name}.netdev with [NetDev], Name=${name}, Kind=${kind}`;
    case 'networkmanager':
      return `nmcli connection add type ${kind} ifname ${name}`;
    case 'ifupdown':
      return `write a stanza iface ${name} inet manual with ${kind === 'bridge' ? 'bridge_ports' : 'bond-slaves'}`;
    case 'netplan':
      return `write ${name}: below ${kind}s:`;
  }
}

const bridgeNotOnBoot: LintCheck = {
  code: 'bridge-not-onboot',
  severity: 'error',
  find: ({ devices }) =>
    plugsOf(devices).flatMap(({ port, master, setting, format }) => {
      const bridge = find(devices, master);
      const own = find(devices, port);
      if (bridge === undefined || bridge.onBoot || own?.onBoot !== true) return [];
      const place = bridge.boot ?? bridge;
      const outcome =
        format === 'ifcfg' || format === 'networkmanager'
          ? `: ${port} then fails with "Master device can't be activated"`
          : '';
      const message = `${port} is brought up at boot (${placeOf(setting, place)} makes it a port of ${master}), and ${master} is not${outcome}`;
      return [about(place, message, bootRemedy(bridge))];
    }),
};

function bootRemedy({ format, name, boot }: ConfiguredDevice): string {
  switch (format) {
    case 'ifcfg':
      return `write ONBOOT=yes${boot ? ` in line ${boot.line}` : ''}`;
    case 'ifupdown':
      return `write auto ${name} above its stanza`;
    case 'networkmanager':
      return `write autoconnect=true${boot ? ` in line ${boot.line}` : ''}`;
    case 'networkd':
    case 'netplan':
      return `remove ${boot?.key ?? 'the activation policy'}`;
  }
}

const addressOnPort: LintCheck = {
  code: 'address-on-port',
  severity: 'error',
  find: ({ devices }) => {
    const plugs = new Map([...plugsOf(devices)].reverse().map((plug) => [portKey(plug), plug] as const));
    return devices.flatMap((device) => {
      const plug = plugs.get(portKey({ port: device.name, format: device.format }));
      if (plug === undefined) return [];
      const settings = [...device.addresses.map(({ address }) => address), ...(device.dhcp ? [device.dhcp] : [])];
      return settings.slice(0, 1).map((first) => {
        const what = device.dhcp === first ? 'asks for an address by DHCP' : `has the address ${first.value}`;
        const message = `${device.name} is a port of ${plug.master} (${placeOf(plug.setting, first)}) and ${what}: a port's address never answers`;
        return about(first, message, `move it to ${plug.master}, and remove it here`);
      });
    });
  },
};

const portTwice: LintCheck = {
  code: 'port-twice',
  severity: 'error',
  find: ({ devices }) => {
    // Of two NetworkManager profiles of one NIC only one is active at a time.
    const plugs = plugsOf(devices)
      .filter(({ format }) => format !== 'networkmanager')
      .map((plug) => ({ ...plug, name: plug.master }));
    const others = earlierOthers(plugs, portKey);
    return plugs.flatMap(({ port, master, setting }, index) => {
      const first = others[index];
      if (first === undefined) return [];
      return [
        about(
          setting,
          `${port} is a port of ${master} here and of ${first.master} in ${placeOf(first.setting, setting)}: it can be in one only`,
          `remove ${port} from ${master} or from ${first.master}`,
        ),
      ];
    });
  },
};

const vlanTwice: LintCheck = {
  code: 'vlan-twice',
  severity: 'error',
  find: ({ devices }) => {
    const vlans = devices.flatMap((device) => {
      const { vlan, name, format } = device;
      if (!vlan?.parent || !vlan.id) return [];
      return [
        {
          name,
          format,
          place: vlan.id,
          tag: `${vlan.parent.value} ${Number(vlan.id.value)}`,
          parent: vlan.parent.value,
        },
      ];
    });
    const others = earlierOthers(vlans, ({ format, tag }) => `${format} ${tag}`);
    return vlans.flatMap(({ name, place, parent }, index) => {
      const first = others[index];
      if (first === undefined) return [];
      const message = `duplicate VLAN ID ${place.value} on ${parent}: as ${name} and as ${first.name} (${placeOf(first.place, place)}); the kernel only creates the first`;
      return [about(place, message, `give ${name} another ID, or remove one of the two`)];
    });
  },
};

const vlanParentUndefined: LintCheck = {
  code: 'vlan-parent-undefined',
  severity: 'warning',
  find: (subject) => [...undefinedParents(subject), ...unusedVlans(subject)],
};

/** NICs need no file, and get their names from the kernel or udev. Everything else must be created. */
const nicName = /^(en|eth|em|p\d+p|wl|ww|ib|sl|usb|tap|vnet)/;

function undefinedParents({ devices }: LintSubject): readonly Complaint[] {
  return devices.flatMap(({ name, format, vlan }) => {
    const parent = vlan?.parent;
    if (parent === undefined || isUuid(parent.value) || find(devices, parent.value)) return [];
    // netplan's grammar judges its own.
    if (format === 'netplan' || nicName.test(parent.value) || ownerByName(parent.value)) return [];
    const near = closest(parent.value, devices);
    const remedy =
      near === undefined ? `define ${parent.value}, or name the NIC that carries the VLAN` : `write ${near}`;
    return [about(parent, `${name} is a VLAN on ${parent.value}, which no file defines`, remedy)];
  });
}

/** systemd-networkd makes a VLAN device when the .network file of its NIC asks for it. */
function unusedVlans({ devices }: LintSubject): readonly Complaint[] {
  return devices
    .filter(({ format, vlan }) => format === 'networkd' && vlan !== undefined && vlan.parent === undefined)
    .map((device) =>
      about(
        device,
        `no .network file has VLAN=${device.name}: it is never made`,
        `write VLAN=${device.name} into [Network] of the NIC's .network file`,
      ),
    );
}

/** A bridge that is a port of itself, a VLAN on itself, and longer ways around. */
const standsOnItself: LintCheck = {
  code: 'stands-on-itself',
  severity: 'error',
  find: ({ devices }) => {
    const below = devices.flatMap(({ name, format, vlan }) =>
      vlan?.parent ? [{ name, on: vlan.parent.value, setting: vlan.parent, format }] : [],
    );
    const ports = plugsOf(devices).map(({ port, master, setting, format }) => ({
      name: master,
      on: port,
      setting,
      format,
    }));
    const all = [...below, ...ports];
    const next = groupBy(all, ({ name, format }) => `${format} ${name}`);
    return all
      .filter(({ name, on, format }) => on === name || reaches(next, format, on, name))
      .map(({ name, on, setting }) => {
        const message =
          on === name
            ? `${name} is on top of itself`
            : `${name} is on top of ${on}, which is on top of ${name} in turn`;
        return about(setting, `${setting.key}: ${message}`, `write the NIC that ${name} is to use`);
      });
  },
};

/** More devices upon each other than a host has: a way around that is longer is not looked for. */
const deepest = 16;

function reaches(
  next: ReadonlyMap<string, readonly { readonly on: string }[]>,
  format: string,
  from: string,
  to: string,
): boolean {
  const seen = new Set([from]);
  // Added ones are followed too.
  for (const each of seen) {
    for (const { on } of next.get(`${format} ${each}`) ?? []) if (seen.size < deepest) seen.add(on);
  }
  return seen.has(to);
}

/** Also checks the links of the host; a NIC may be added later. */
const portAbsent: LintCheck = {
  code: 'port-absent',
  severity: 'warning',
  find: ({ devices, facts }) => {
    const links = facts?.links;
    if (links === undefined) return [];
    const settings = [
      ...plugsOf(devices).map(({ port, setting: place }) => ({ name: port, place, on: 'a port' })),
      ...devices.flatMap(({ vlan }) =>
        vlan?.parent ? [{ name: vlan.parent.value, place: vlan.parent, on: 'the NIC of a VLAN' }] : [],
      ),
    ];
    const made = new Set(devices.filter(isMade).map(({ name }) => name));
    const there = new Set(links);
    return settings
      .filter(({ name }) => nicName.test(name) && !/[*?[:]/.test(name) && !there.has(name) && !made.has(name))
      .map(({ name, place, on }) => {
        const near = closestName(name, links);
        const message = `${place.key}: ${name} is ${on}, and this host has no link ${name}`;
        return about(place, message, near === undefined ? 'ip link lists the links of this host' : `write ${near}`);
      });
  },
};

function isMade({ kind, isTitle }: ConfiguredDevice): boolean {
  return kind !== 'ethernet' || isTitle === true;
}

export const relationChecks: readonly LintCheck[] = [
  standsOnItself,
  portAbsent,
  bridgeUndefined,
  bridgeNotOnBoot,
  addressOnPort,
  portTwice,
  vlanTwice,
  vlanParentUndefined,
];
