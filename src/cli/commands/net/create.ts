import { networkFromOptions } from '../../../plan/network/from-options.ts';
import { networkLifecycle } from '../../../plan/network/options.ts';
import { planNetworkCreate } from '../../../plan/network/create.ts';
import { readTemplate } from '../../../observe/templates.ts';
import { parseNetwork, type Network } from '../../../xml/network.ts';
import type { Context } from '../../context.ts';
import { flag, text, typed } from '../../options.ts';
import { readDocument } from '../../terminal/input-file.ts';
import { randomGlobalId, randomMac } from '../../random.ts';
import { createdText } from '../../views/created.ts';
import { chosenFacts } from '../../views/network.ts';
import { changeResult } from '../../views/plan.ts';
import { kindOptions, lifeOptions, networkOptions, partOptions } from './options.ts';

export const command = typed({
  arguments: [
    { name: '[NAME]', description: 'Name of the network (default: derived from the subnet, such as nat-192-168-132)' },
  ],
  options: {
    ...kindOptions,
    template: text('--template <NAME|FILE>', 'Start from a template; options override it', 'template'),
    ...partOptions,
    transient: flag('--transient', 'Create a transient network, which ceases to exist when it stops'),
    ...lifeOptions,
  },
  description:
    'Give one KIND or a template. Defines the network, enables autostart, starts it, and verifies that its bridge is up with its ' +
    'addresses; if a step fails, everything is undone. Overlaps with other networks, addresses and routes of the host are refused, ' +
    'naming their holder.',
  examples: [
    ['net create --nat 192.168.132.0/24', 'Create a NAT network with DHCP, named nat-192-168-132'],
    ['net create keennet --nat 192.168.132.0/24 --bridge-name keenbr0', 'Choose the names'],
    ['net create lab --nat auto --ipv6 auto --domain lab.example', 'Use free subnets, with DNS'],
    ['net create lan --bridge br0', "Attach guests to the host's LAN through the bridge br0"],
    ['net create quiet --isolated', 'Connect guests only: no address of the host, no DHCP'],
    ['net create --template keennet --dry-run', 'Print the network of a template'],
  ],
  async run(context, [name], { template, ...given }) {
    const base = template === undefined ? undefined : await loadTemplate(context, template);
    const options = networkOptions(given);
    const lifecycle = networkLifecycle(given);
    const random = { mac: randomMac(), globalId: randomGlobalId() };
    const uuid = crypto.randomUUID();
    const result = await context.change(
      (state) => {
        const network = networkFromOptions({ name, options, base, state, random });
        return { ...planNetworkCreate(network, state, { ...lifecycle, uuid }), network };
      },
      { leases: false },
    );
    const made = result.resumed ? undefined : result.plan.network;
    const done = made === undefined ? result.plan.title : createdText(made, lifecycle);
    return changeResult(context, result, done, {
      network: made?.name ?? name,
      uuid: made && uuid,
      ...(made && chosenFacts(made)),
    });
  },
});

/** A template by its name; what looks like a path is a file of the user's. */
async function loadTemplate(context: Context, template: string): Promise<Network> {
  return /[/.]/.test(template) ? parseNetwork(await readDocument(context, template)) : readTemplate(template);
}
