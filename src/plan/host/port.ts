/** A port of a bridge with a network namespace behind it: what a container has, and a probe that is in a network as a guest is. */
import { KvmnetError } from '../../errors.ts';
import type { State } from '../../state/state.ts';
import type { Address, Link } from '../../records/link.ts';
import type { Plan, Step } from '../step.ts';
import { invalid } from '../../values/invalid.ts';
import { parseNewDeviceName } from '../../values/name.ts';
import { newPortVlans } from './bridge-vlan.ts';
import { findBridge, hostOf, kindText } from './find-link.ts';
import { linkSteps } from './link-step.ts';
import { cidr, listed } from './wanted.ts';

export interface PortOptions {
  readonly bridge: string;
  /** Of the port; the device in the namespace is the first free eth0, eth1, … */
  readonly name: string;
  /** One with the port's name when left out. */
  readonly netns?: string | undefined;
  /** Of the device in the namespace. */
  readonly address?: Address | undefined;
}

/** The links of a namespace; undefined if it does not exist. */
export type Inside = readonly Link[] | undefined;

/** The name of the namespace, checked: it is a file's name too. */
export function netnsOf({ name, netns = name }: PortOptions): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/.test(netns)) return netns;
  throw invalid(
    '--netns',
    netns,
    'a network namespace has 1 to 64 letters, digits, "_", "." and "-", and does not start with "." or "-"',
    'probe1',
  );
}

/**
 * Makes a veth pair: one end is a port of the bridge, the other a device in a namespace, which is made where it is missing.
 * @throws INPUT, NOTFOUND; CONFLICT for a name that is taken, and for an address that the host has
 */
export function planPortCreate(options: PortOptions, inside: Inside, state: State): Plan {
  const { bridge, name, address } = options;
  const host = hostOf(state);
  const netns = netnsOf(options);
  const title = `create port ${name} of ${bridge} for network namespace ${netns}`;
  const master = findBridge(bridge, host);
  if (isThere(options, host.links, inside, address)) return { title, steps: [], warnings: [], consent: [] };
  parseNewDeviceName(name, 'NAME', 'a name of a port', 'probe0');
  if (address) refuseTaken(address, host.links, inside);
  const device = freeName(inside);
  return {
    title,
    steps: [
      ...(inside ? [] : [namespaceStep(netns)]),
      ...linkSteps(title, { [name]: { kind: 'veth', peer: device, peerNetns: netns, master: bridge, up: true } }, host),
      insideStep(netns, device, address),
    ],
    warnings: newPortVlans(master, [{ name, master: undefined }], state),
    consent: [],
  };
}

/** On this side the kernel only reports that the other end is elsewhere; its address shows where. */
function isThere(
  { name, bridge }: PortOptions,
  links: readonly Link[],
  inside: Inside,
  address: Address | undefined,
): boolean {
  const current = links.find((link) => link.name === name);
  if (!current) return false;
  const ends = (inside ?? []).filter(({ kind }) => kind === 'veth');
  const isMeant = ends.some(({ addresses }) => !address || addresses.some((each) => cidr(each) === cidr(address)));
  if (current.kind === 'veth' && current.master === bridge && current.parent === undefined && isMeant) return true;
  throw new KvmnetError('CONFLICT', `${name} already exists (${kindText(current)})`, {
    hint: `choose another name, or delete it first: ip link delete dev ${name}`,
  });
}

function refuseTaken(address: Address, links: readonly Link[], inside: Inside): void {
  const has = (link: Link): boolean => listed(link.addresses).some((each) => each.address === address.address);
  const other = links.find(has) ?? inside?.find(has);
  if (!other) return;
  throw new KvmnetError('CONFLICT', `--address ${cidr(address)}: ${other.name} has this address`, {
    hint: 'name another one of its subnet',
  });
}

function freeName(inside: Inside): string {
  const taken = new Set((inside ?? []).map(({ name }) => name));
  let number = 0;
  while (taken.has(`eth${String(number)}`)) number += 1;
  return `eth${String(number)}`;
}

function namespaceStep(netns: string): Step {
  return {
    title: `create network namespace ${netns}`,
    do: { call: 'hostLinks', commands: [['netns', 'add', netns]] },
    undo: [{ call: 'hostLinks', commands: [['netns', 'delete', netns]] }],
    verify: { expect: 'netns', netns, present: true },
  };
}

/** Gone with the other end, so that nothing is left to undo. */
function insideStep(netns: string, device: string, address: Address | undefined): Step {
  const broadcast = address?.broadcast === undefined ? [] : ['broadcast', address.broadcast];
  return {
    title: `bring ${device} up in ${netns}${address ? ` with ${cidr(address)}` : ''}`,
    do: {
      call: 'hostLinks',
      netns,
      commands: [
        ['link', 'set', 'dev', 'lo', 'up'],
        ['link', 'set', 'dev', device, 'up'],
        ...(address ? [['address', 'add', cidr(address), ...broadcast, 'dev', device]] : []),
      ],
    },
    undo: [],
    verify: {
      expect: 'links',
      netns,
      links: { [device]: { kind: 'veth', up: true, ...(address ? { addresses: [address] } : {}) } },
    },
  };
}
