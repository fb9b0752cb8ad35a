/** VLAN devices on NICs of the host, each with a bridge for guests where that is asked for. */
import { KvmnetError } from '../../errors.ts';
import type { HostState, State } from '../../state/state.ts';
import type { Address, Link } from '../../records/link.ts';
import type { Plan } from '../step.ts';
import { invalidWithHint, show } from '../../values/invalid.ts';
import { parseNewDeviceName } from '../../values/name.ts';
import { parseVlanIds } from '../../values/number.ts';
import { existing, plainBridge } from './bridge.ts';
import { absentPorts, bridgeSelfEnd, bridgeSelfSteps, vlansText } from './bridge-vlan.ts';
import { findLink, hostOf, kindText, refuseForeign } from './find-link.ts';
import { requireFreeAddress } from './host-address.ts';
import type { WantedLink, WantedLinks } from '../../records/desired-link.ts';
import { lossesOf, requireNothingOn, type Losses } from './link-delete.ts';
import { linkSteps } from './link-step.ts';
import { linkUses } from './link-users.ts';
import { isBridge, parentDown, requireEthernet, requireNoAddresses } from './port-check.ts';
import { cidr, listed } from './wanted.ts';
import { quoted } from '../../values/quoted.ts';

export interface VlanOptions {
  readonly nic: string;
  /** Each once, in order. */
  readonly ids: readonly number[];
  /** The bridge that each device becomes a port of; `{id}` in it is the ID. */
  readonly bridge?: string | undefined;
  /** Of the VLAN devices, in place of NIC.ID; `{id}` in it is the ID. */
  readonly name?: string | undefined;
  /** Of the bridge, or else of the device. */
  readonly address?: Address | undefined;
}

export interface VlanPlan extends Plan {
  /** The devices, each with the bridge that it is a port of. */
  readonly made: readonly { readonly device: string; readonly bridge: string | undefined }[];
}

/**
 * Creates VLAN devices of one NIC, and on request a bridge on each; existing ones stay unchanged.
 * @throws INPUT, NOTFOUND; CONFLICT if an ID has another device, and for a NIC that is itself a port
 */
export function planVlanCreate(options: VlanOptions, state: State): VlanPlan {
  const { ids } = options;
  const host = hostOf(state);
  const nic = findTrunk(options.nic, state);
  requireTemplate('--bridge', options.bridge, ids);
  requireTemplate('--name', options.name, ids);
  if (options.address !== undefined && ids.length > 1) {
    throw new KvmnetError('USAGE', '--address is for one VLAN: each has a subnet of its own', {
      hint: 'make them one by one',
    });
  }
  const found = new Found(host);
  const parts = ids.map((id) => wantedVlan(id, nic, options, found, state));
  const { links: addressed, warnings } = withAddress(options, parts, state);
  const wanted: WantedLinks = {
    [nic.name]: { up: true },
    ...Object.fromEntries(parts.flatMap(({ links }) => Object.entries(links))),
    ...addressed,
  };
  const bridges = parts.flatMap(({ bridge }) => bridge ?? []);
  const on = bridges.length === 0 ? '' : ` with ${bridges.length === 1 ? 'bridge' : 'bridges'} ${ends(bridges)}`;
  const title = `create ${vlansText(ids)} on ${nic.name}${on}`;
  const steps = [...linkSteps(title, wanted, host), ...bridgeSelfSteps(nic, ids)];
  const absent = nic.bridge?.vlanFiltering ? absentPorts(nic, ids, state) : [];
  const made = parts.map(({ device, bridge }) => ({ device, bridge }));
  return { title, steps, warnings: [...nicWarnings(nic), ...warnings, ...absent], consent: [], made };
}

/** `a, b, c`, and of a longer list its first and its last name. */
function ends(names: readonly string[]): string {
  return names.length <= 3 ? names.join(', ') : `${names[0] ?? ''} … ${names.at(-1) ?? ''}`;
}

/** The links of a host by name, and VLAN devices by their parent: a host may have hundreds of both. */
class Found {
  readonly byName: ReadonlyMap<string, Link>;
  readonly #vlans: ReadonlyMap<string, Link>;

  constructor({ links }: HostState) {
    this.byName = new Map(links.map((link) => [link.name, link]));
    const vlans = links.filter(({ vlan }) => vlan?.protocol === '802.1Q');
    this.#vlans = new Map(vlans.map((link) => [`${link.parent ?? ''} ${String(link.vlan?.id)}`, link]));
  }

  vlan(nic: string, id: number): Link | undefined {
    return this.#vlans.get(`${nic} ${String(id)}`);
  }
}

/** A NIC whose frames may carry tags. */
function findTrunk(name: string, state: State): Link {
  const host = hostOf(state);
  const nic = findLink(name, host);
  requireEthernet(nic, state);
  if (nic.kind === 'openvswitch') {
    throw new KvmnetError('INPUT', `${name} is an Open vSwitch bridge, which has VLANs of its own`, {
      hint: 'give a NIC the tag: kvmnet vm attach VM SOURCE --vlan ID',
    });
  }
  if (nic.kind === 'bridge')
    refuseForeign(name, state, (network) => `network ${network} is alone on its bridge: name the NIC with the cable`);
  if (nic.master === undefined) return nic;
  throw new KvmnetError(
    'CONFLICT',
    `${name} is a port of ${nic.master}: what comes in goes to ${nic.master}, tagged or not`,
    {
      hint: isBridge(nic.master, host)
        ? `remove it first (kvmnet bridge del-port ${quoted(nic.master)} ${quoted(name)}), or create the VLAN on the bridge: kvmnet vlan create ${quoted(nic.master)} ID`
        : `put the VLAN on ${nic.master}: kvmnet vlan create ${quoted(nic.master)} ID`,
    },
  );
}

function requireTemplate(option: string, template: string | undefined, ids: readonly number[]): void {
  if (template === undefined || ids.length === 1 || template.includes('{id}')) return;
  throw new KvmnetError(
    'INPUT',
    `${option} ${show(template)}: ${String(ids.length)} VLANs cannot have one and the same`,
    {
      hint: `put {id} where the ID is to be: ${option} '${template.replace(/[\d-]*$/, '')}-{id}'`,
    },
  );
}

interface VlanPart {
  readonly id: number;
  readonly device: string;
  readonly bridge: string | undefined;
  readonly links: WantedLinks;
}

function wantedVlan(id: number, nic: Link, options: VlanOptions, found: Found, state: State): VlanPart {
  const filled = (template: string): string => template.replaceAll('{id}', String(id));
  const there = found.vlan(nic.name, id);
  const device = deviceName(id, nic.name, options.name === undefined ? undefined : filled(options.name));
  if (there && there.name !== device) {
    throw new KvmnetError('CONFLICT', `VLAN ${String(id)} of ${nic.name} has a device already: ${there.name}`, {
      hint: `the kernel has one for each ID: use it, with --name ${quoted(there.name)}, or delete it: kvmnet vlan delete ${quoted(nic.name)} ${String(id)}`,
    });
  }
  const other = there ? undefined : found.byName.get(device);
  if (other) {
    throw new KvmnetError('CONFLICT', `${device} already exists (${otherText(other)})`, {
      hint: `choose another name for the device: --name vlan${String(id)}`,
    });
  }
  const base: WantedLink = { kind: 'vlan', parent: nic.name, vlan: { id, protocol: '802.1Q' }, up: true };
  if (options.bridge === undefined) return { id, device, bridge: undefined, links: { [device]: base } };
  const bridge = filled(options.bridge);
  if (bridge === device || bridge === nic.name) {
    throw new KvmnetError(
      'INPUT',
      `--bridge ${show(bridge)}: ${kindText(found.byName.get(bridge) ?? { kind: 'vlan', type: 'ether', wireless: false })} has this name`,
      {
        hint: `for example --bridge brvlan-${String(id)}`,
      },
    );
  }
  const current = existing(bridge, state, '--bridge');
  if (there) requirePortless(there, bridge, nic.name, id);
  const made: WantedLink = current ? { up: true } : plainBridge(nic.mac ?? '');
  return { id, device, bridge, links: { [device]: { ...base, master: bridge }, [bridge]: made } };
}

function deviceName(id: number, nic: string, given: string | undefined): string {
  if (given !== undefined) return parseNewDeviceName(given, '--name', 'a name of a VLAN device', `vlan${String(id)}`);
  const name = `${nic}.${String(id)}`;
  if (name.length <= 15) return name;
  throw invalidWithHint(
    'NIC',
    nic,
    `${name} is longer than the 15 characters that a device's name may have`,
    `name the device: --name vlan${String(id)}`,
  );
}

function otherText(link: Link): string {
  return link.vlan ? `VLAN ${String(link.vlan.id)} of ${link.parent ?? 'another NIC'}` : kindText(link);
}

/** An existing device that is to become a port. */
function requirePortless(device: Link, bridge: string, nic: string, id: number): void {
  if (device.master !== undefined && device.master !== bridge) {
    throw new KvmnetError('CONFLICT', `${device.name} is a port of ${device.master} already`, {
      hint: `kvmnet bridge del-port ${quoted(device.master)} ${quoted(device.name)}, then once more`,
    });
  }
  requireNoAddresses(
    device,
    bridge,
    `delete it, and create it again: kvmnet vlan delete ${quoted(nic)} ${String(id)}; --address then goes to the bridge`,
  );
}

function withAddress(
  { address }: VlanOptions,
  [part]: readonly VlanPart[],
  state: State,
): { readonly links: WantedLinks; readonly warnings: readonly string[] } {
  if (address === undefined || !part) return { links: {}, warnings: [] };
  const dev = part.bridge ?? part.device;
  const current = hostOf(state).links.find(({ name }) => name === dev);
  if (current?.master !== undefined) {
    throw new KvmnetError(
      'CONFLICT',
      `${dev} is a port of ${current.master}: an address on it would not be reachable`,
      {
        hint: `give it to the bridge: --bridge ${current.master}`,
      },
    );
  }
  const own = listed(current?.addresses ?? []);
  const isThere = own.some((each) => cidr(each) === cidr(address));
  const warnings = isThere ? [] : requireFreeAddress(address, dev, state);
  return { links: { [dev]: { ...part.links[dev], addresses: isThere ? own : [...own, address] } }, warnings };
}

function nicWarnings(nic: Link): readonly string[] {
  const addresses = listed(nic.addresses).map(cidr);
  return [
    ...parentDown(nic),
    ...(addresses.length === 0
      ? []
      : [
          `${nic.name} has ${addresses.join(', ')} itself: that is the network of untagged frames, separate from the VLANs`,
        ]),
  ];
}

/**
 * Deletes VLAN devices of a NIC; their bridges stay. Of a range, the existing ones.
 * @param ssh the value of SSH_CONNECTION
 * @throws NOTFOUND if a single ID has no device; CONFLICT if another device is on top of one
 */
export function planVlanDelete(name: string, words: readonly string[], state: State, ssh?: string): Plan {
  const host = hostOf(state);
  const ids = parseVlanIds(words);
  const nic = findLink(name, host);
  const devices = host.links.filter(({ vlan, parent }) => vlan && parent === name);
  const idOf = ({ vlan }: Link): number => vlan?.id ?? 0;
  const there = new Set(devices.map(idOf));
  const missing = words.find((word) => !parseVlanIds([word]).some((id) => there.has(id)));
  if (missing !== undefined) {
    const known = vlansText([...there].sort((left, right) => left - right));
    throw new KvmnetError('NOTFOUND', `${name} has no VLAN ${missing}`, {
      hint: there.size === 0 ? 'kvmnet vlan list shows all VLANs' : `it has ${known}`,
    });
  }
  const going = devices.filter((device) => ids.includes(idOf(device)));
  requireNothingOn(going, host, (above) =>
    above.vlan
      ? `kvmnet vlan delete ${quoted(above.parent ?? '')} ${String(above.vlan.id)}`
      : `ip link delete dev ${above.name}`,
  );
  const title = `delete ${vlansText([...new Set(going.map(idOf))].sort((left, right) => left - right))} of ${name}`;
  const steps = [
    ...linkSteps(title, Object.fromEntries(going.map((device) => [device.name, null])), host),
    ...bridgeSelfEnd(nic, going.map(idOf)),
  ];
  return {
    title,
    steps,
    ...bridgeLosses(going, state, lossesOf(going, steps, state, ssh)),
  };
}

/** Returns the users of a bridge that lose their VLAN device: running guests are cut off, others will have no connection later. */
function bridgeLosses(going: readonly Link[], state: State, own: readonly string[]): Losses {
  const byMaster = new Map(
    going.flatMap((device) => (device.master === undefined ? [] : [[device.master, device] as const])),
  );
  const usesOf = byMaster.size === 0 ? undefined : linkUses(state);
  const each = [...byMaster].map(([bridge, { vlan }]) => {
    const { nics = [], networks = [] } = usesOf?.(bridge) ?? {};
    const names = (live: boolean): readonly string[] => [
      ...new Set(nics.filter((nic) => nic.live === live).map(({ domain }) => domain)),
    ];
    const [running, later] = [names(true), names(false)];
    const idle = [...later.filter((name) => !running.includes(name)), ...networks.map((name) => `network ${name}`)];
    const which = `VLAN ${String(vlan?.id)}`;
    return {
      consent: running.length === 0 ? [] : [`the guests of ${bridge} leave ${which}: ${running.join(', ')}`],
      warnings: idle.length === 0 ? [] : [`${bridge} stays without a way into ${which}: ${idle.join(', ')}`],
    };
  });
  return {
    consent: [...own, ...each.flatMap(({ consent }) => consent)],
    warnings: each.flatMap(({ warnings }) => warnings),
  };
}
