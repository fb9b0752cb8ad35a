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
  arguments: [{ name: '[NAME]', description: 'the name; derived from the subnet when left out: nat-192-168-132' }],
  options: [
    { flags: '--nat <CIDR|auto>', description: 'KIND: guests reach out through the host (auto: a free subnet)' },
    { flags: '--route <CIDR>', description: 'KIND: guests are reached from outside, by routing' },
    { flags: '--open <CIDR>', description: "KIND: routed, without any rules of libvirt's" },
    { flags: '--isolated [CIDR]', description: 'KIND: guests and host only; without CIDR guests only' },
    { flags: '--bridge <BRIDGE>', description: 'KIND: a bridge that the host has', completes: 'bridge' },
    { flags: '--macvtap <NIC[,NIC]>', description: 'KIND: directly on NICs of the host', completes: 'link' },
    { flags: '--hostdev <PF>', description: 'KIND: virtual functions of an SR-IOV NIC', completes: 'link' },
    {
      flags: '--template <NAME|FILE>',
      description: 'start from a template; options override it',
      completes: 'template',
    },
    { flags: '--ipv6 <CIDR|auto>', description: 'an IPv6 subnet too (auto: a random ULA /64)' },
    { flags: '--gateway <IP>', description: "the host's address; the first of the subnet by default" },
    { flags: '--dhcp <START-END>', description: 'DHCP range; all the rest of the subnet by default', repeat: true },
    { flags: '--no-dhcp', description: 'no DHCP' },
    { flags: '--lease <TIME>', description: 'lease time: 24h, 90m, 2d or infinite' },
    { flags: '--reserve <MAC=IP[,HOST]>', description: 'a fixed address', repeat: true },
    { flags: '--domain <D>', description: 'DNS domain of the guests' },
    { flags: '--dns <HOST=IP>', description: 'a name in the DNS of the network', repeat: true },
    { flags: '--forwarder <IP>', description: 'DNS server that is asked for other names', repeat: true },
    { flags: '--no-dns', description: 'no DNS' },
    { flags: '--dev <NIC>', description: 'the NIC by which traffic may leave', completes: 'link' },
    { flags: '--nat-ports <A-B>', description: 'ports that NAT uses; 1024-65535 by default' },
    { flags: '--bridge-name <B>', description: 'name of the bridge that is made; virbrN by default' },
    { flags: '--mac <MAC>', description: 'MAC address of the bridge; random by default' },
    { flags: '--mtu <N>', description: 'MTU of bridge and guests' },
    { flags: '--stp', description: "spanning tree on the bridge (libvirt's default)" },
    { flags: '--no-stp', description: 'no spanning tree: guests are reachable at once' },
    { flags: '--zone <Z>', description: 'firewalld zone of the bridge' },
    { flags: '--vlan <ID>', description: 'VLAN tag of all guests, where the bridge can do it' },
    { flags: '--portgroup <NAME[:vlan=ID]>', description: 'a portgroup', repeat: true },
    { flags: '--isolate-ports', description: 'guests do not reach each other' },
    { flags: '--mode <MODE>', description: 'macvtap mode', completes: ['bridge', 'private', 'vepa', 'passthrough'] },
    { flags: '--title <T>', description: 'a title (kept by libvirt 9.7 or later)' },
    { flags: '--transient', description: 'gone when it stops' },
    { flags: '--no-start', description: 'define it only' },
    { flags: '--no-autostart', description: 'do not start it at boot' },
  ],
  description:
    'One KIND, or a template. Defines the network, has it started at boot, starts it, and looks whether its bridge is up with its addresses; ' +
    'if anything fails nothing is left. Overlaps with other networks, addresses and routes of the host are refused, and their holder is named.',
  examples: [
    ['net create --nat 192.168.132.0/24', 'NAT with DHCP, named nat-192-168-132'],
    ['net create keennet --nat 192.168.132.0/24 --bridge-name keenbr0', 'with names of your own'],
    ['net create lab --nat auto --ipv6 auto --domain lab.example', 'free subnets, and DNS'],
    ['net create lan --bridge br0', "guests in the host's LAN, by the bridge br0"],
    ['net create quiet --isolated', 'guests only: no address of the host, no DHCP'],
    ['net create --template keennet --dry-run', 'what a template would make'],
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
