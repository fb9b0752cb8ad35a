import { randomUUID } from 'node:crypto';
import { networkFromOptions } from '../../../plan/network/from-options.ts';
import { networkLife, type NetworkOptions } from '../../../plan/network/options.ts';
import { planNetworkCreate } from '../../../plan/network/create.ts';
import type { CommandDefinition, Options } from '../../command.ts';
import { readTemplate } from '../../../observe/templates.ts';
import { parseNetwork, type Network } from '../../../xml/network.ts';
import type { Context } from '../../context.ts';
import { readDocument } from '../../terminal/input-file.ts';
import { randomGlobalId, randomMac } from '../../random.ts';
import { createdText } from '../../views/created.ts';
import { chosenFacts } from '../../views/network.ts';
import { changeResult } from '../../views/plan.ts';

export const command: CommandDefinition = {
  arguments: [
    { name: '[NAME]', description: 'Name of the network (default: derived from the subnet, such as nat-192-168-132)' },
  ],
  options: [
    {
      flags: '--nat <CIDR|auto>',
      description: 'KIND: guests reach the outside through the host (auto: a free subnet)',
    },
    { flags: '--route <CIDR>', description: 'KIND: routed, guests can be reached from outside' },
    { flags: '--open <CIDR>', description: "KIND: routed, without libvirt's firewall rules" },
    { flags: '--isolated [CIDR]', description: 'KIND: guests and host only; without CIDR, guests only' },
    { flags: '--bridge <BRIDGE>', description: 'KIND: an existing bridge of the host', completes: 'bridge' },
    { flags: '--macvtap <NIC[,NIC]>', description: 'KIND: directly on NICs of the host', completes: 'link' },
    { flags: '--hostdev <PF>', description: 'KIND: virtual functions of an SR-IOV NIC', completes: 'link' },
    {
      flags: '--template <NAME|FILE>',
      description: 'Start from a template; options override it',
      completes: 'template',
    },
    { flags: '--ipv6 <CIDR|auto>', description: 'Add an IPv6 subnet (auto: a random ULA /64)' },
    { flags: '--gateway <IP>', description: 'Address of the host (default: the first of the subnet)' },
    { flags: '--dhcp <START-END>', description: 'DHCP range (default: the rest of the subnet)', repeat: true },
    { flags: '--no-dhcp', description: 'Disable DHCP' },
    { flags: '--lease <TIME>', description: 'Lease time: 24h, 90m, 2d or infinite' },
    { flags: '--reserve <MAC=IP[,HOST]>', description: 'Reserve an address', repeat: true },
    { flags: '--domain <D>', description: 'DNS domain of the guests' },
    { flags: '--dns <HOST=IP>', description: 'Add a name to the DNS of the network', repeat: true },
    { flags: '--forwarder <IP>', description: 'DNS server for other names', repeat: true },
    { flags: '--no-dns', description: 'Disable DNS' },
    { flags: '--dev <NIC>', description: 'Only NIC through which traffic may leave', completes: 'link' },
    { flags: '--nat-ports <A-B>', description: 'Ports for NAT (default: 1024-65535)' },
    { flags: '--bridge-name <B>', description: 'Name of the bridge to create (default: virbrN)' },
    { flags: '--mac <MAC>', description: 'MAC address of the bridge (default: random)' },
    { flags: '--mtu <N>', description: 'MTU of bridge and guests' },
    { flags: '--stp', description: "Enable STP on the bridge (libvirt's default)" },
    { flags: '--no-stp', description: 'Disable STP: guests are reachable immediately' },
    { flags: '--zone <Z>', description: 'firewalld zone of the bridge' },
    { flags: '--vlan <ID>', description: 'VLAN tag of all guests, if the bridge supports it' },
    { flags: '--portgroup <NAME[:vlan=ID]>', description: 'Add a portgroup', repeat: true },
    { flags: '--isolate-ports', description: 'Prevent guests from reaching each other' },
    { flags: '--mode <MODE>', description: 'Mode of macvtap', completes: ['bridge', 'private', 'vepa', 'passthrough'] },
    { flags: '--title <T>', description: 'Title of the network (libvirt 9.7 or newer)' },
    { flags: '--transient', description: 'Create a transient network, which ceases to exist when it stops' },
    { flags: '--no-start', description: 'Define the network without starting it' },
    { flags: '--no-autostart', description: 'Do not enable autostart' },
  ],
  description:
    'Give one KIND or a template. Defines the network, enables autostart, starts it, and verifies that its bridge is up with its ' +
    'addresses; if a step fails, everything is undone. Overlaps with other networks, addresses and routes of the host are refused, ' +
    'naming their holder.',
  examples: [
    ['net create --nat 192.168.132.0/24', 'Create a NAT network with DHCP, named nat-192-168-132'],
    ['net create keennet --nat 192.168.132.0/24 --bridge-name keenbr0', 'Choose the names'],
    ['net create lab --nat auto --ipv6 auto --domain lab.example', 'Use free subnets, with DNS'],
    ['net create lan --bridge br0', "Put guests into the host's LAN through the bridge br0"],
    ['net create quiet --isolated', 'Connect guests only: no address of the host, no DHCP'],
    ['net create --template keennet --dry-run', 'Print the network of a template'],
  ],
  async run(context, [name], options) {
    const base = typeof options.template === 'string' ? await loadTemplate(context, options.template) : undefined;
    const asked = networkOptions(options);
    const random = { mac: randomMac(), globalId: randomGlobalId() };
    const uuid = randomUUID();
    const result = await context.change(
      (state) => {
        const network = networkFromOptions({ name, options: asked, base, state, random });
        return { ...planNetworkCreate(network, state, { ...networkLife(asked), uuid }), network };
      },
      { leases: false },
    );
    const made = result.resumed ? undefined : result.plan.network;
    const done = made === undefined ? result.plan.title : createdText(made, networkLife(asked));
    return changeResult(context, result, done, {
      network: made?.name ?? name,
      uuid: made && uuid,
      ...(made && chosenFacts(made)),
    });
  },
};

/** A template by its name; what looks like a path is a file of the user's. */
async function loadTemplate(context: Context, template: string): Promise<Network> {
  return /[/.]/.test(template) ? parseNetwork(await readDocument(context, template)) : readTemplate(template);
}

/** Commander's `--no-x` is `x: false`; the planner has a field of its own for those. */
export function networkOptions({ dhcp, dns, start, autostart, ...rest }: Options): NetworkOptions {
  const options: Options = {
    ...rest,
    ...(dhcp === false ? { noDhcp: true } : { dhcp }),
    ...(dns === false ? { noDns: true } : { dns }),
    noStart: start === false,
    noAutostart: autostart === false,
  };
  return options;
}
