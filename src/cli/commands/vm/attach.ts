import { KvmnetError } from '../../../errors.ts';
import { readNicModels } from '../../../host/emulator.ts';
import { isLocal } from '../../../observe/uri.ts';
import { planAttach, type AttachPlan } from '../../../plan/nic/attach.ts';
import { findSource } from '../../../plan/nic/source.ts';
import { swappedHint } from '../../../plan/nic/swapped.ts';
import { findDomain } from '../../../state/find-domain.ts';
import type { DomainState, State } from '../../../state/state.ts';
import type { CommandDefinition, Options } from '../../command.ts';
import type { Context } from '../../context.ts';
import { waitForAddresses } from '../../wait-address.ts';
import { randomMac } from '../../random-mac.ts';
import { changeResult } from '../../views/plan.ts';
import { lives, parseDuration, source, sourceTypes, vm, wantedLives, wantedType } from './shared.ts';

const defaultWait = '60s';

export const command: CommandDefinition = {
  arguments: [vm, source],
  options: [
    ...sourceTypes,
    {
      flags: '--model <MODEL>',
      description: 'Model of the NIC (default: virtio)',
      completes: ['virtio', 'e1000e', 'e1000', 'rtl8139', 'igb'],
    },
    { flags: '--mac <MAC>', description: 'MAC address (default: an unused one)' },
    { flags: '--portgroup <P>', description: 'Portgroup of the network' },
    {
      flags: '--vlan <ID>',
      description: 'VLAN of the NIC: libvirt 11, Open vSwitch, or with --live a bridge with VLAN filtering',
    },
    { flags: '--mtu <N>', description: 'MTU of the NIC' },
    { flags: '--in <RATE>', description: 'Limit for incoming traffic of the guest: 100mbit' },
    { flags: '--out <RATE>', description: 'Limit for outgoing traffic of the guest' },
    { flags: '--filter <F>', description: 'Network filter, such as clean-traffic' },
    { flags: '--isolated', description: 'Isolate it from other isolated ports of the bridge' },
    { flags: '--link <STATE>', description: 'Initial link state: up or down', completes: ['up', 'down'] },
    { flags: '--alias <A>', description: 'Alias that begins with ua-' },
    ...lives,
    { flags: '--wait-ip [TIME]', description: `Wait for its address (default: ${defaultWait})` },
  ],
  description:
    'A running guest gets the NIC now and at its next boot, with the same MAC address. SOURCE is looked up as a network, then as a ' +
    'bridge, then as a NIC (macvtap). kvmnet asks before it starts an inactive network.',
  examples: [
    ['vm attach VM1 keennet', 'Attach it to a network, now and at the next boot'],
    ['vm attach VM1 keennet --wait-ip', 'Wait for its lease'],
    ['vm attach VM1 brvlan-10', 'Attach it to a bridge of the host'],
    ['vm attach VM1 eno1 --macvtap', 'Attach it directly to a NIC of the host'],
    ['vm attach VM1 lan --config --in 100mbit', 'Attach it at the next boot, with a limit'],
  ],
  async run(context, [name = '', wanted = ''], options) {
    const wait = waitTime(options['waitIp']);
    const macs = Array.from({ length: 8 }, randomMac);
    const result = await context.change(
      async (state) => {
        const right = swappedHint(state, [name, wanted], (domain, from) => `vm attach ${domain} ${from}`);
        const domain = findDomain(state, name, right);
        const from = findSource(state, wanted, wantedType(options));
        const models = options['model'] === undefined ? undefined : await modelsOf(domain, state, context);
        const plan = planAttach(
          { domain, source: from, options: { ...nicOptions(options), ...wantedLives(options) }, macs, models },
          state,
        );
        if (wait !== undefined) requireAddress(plan, options);
        return plan;
      },
      { filters: options['filter'] !== undefined, vlans: options['vlan'] !== undefined },
    );
    const [mac = ''] = result.plan.steps.flatMap(({ verify }) => (verify.expect === 'nic' ? [verify.mac] : []));
    const found =
      wait === undefined || context.options.dryRun
        ? []
        : await waitForAddresses(context, [{ domain: name, mac }], wait);
    const addresses = [...new Set(found.map(({ address }) => address))];
    const done = `${name}: NIC ${mac} attached to ${wanted}${addresses.length > 0 ? `: ${addresses.join(' ')}` : ''}`;
    return changeResult(context, result, done, { domain: name, source: wanted, mac, addresses });
  },
};

/** The NIC models of a domain's emulator, where that is a QEMU of this machine. */
async function modelsOf(
  { domain }: DomainState,
  { connection }: State,
  context: Context,
): Promise<readonly string[] | undefined> {
  if (connection.hypervisor !== 'QEMU' || !isLocal(connection.uri) || domain.emulator === undefined) return undefined;
  return readNicModels(domain.emulator, { onRun: context.traceRun });
}

/** Throws CONFLICT where no address can come. */
function requireAddress({ live }: AttachPlan, { link }: Options): void {
  if (live && link !== 'down') return;
  throw new KvmnetError(
    'CONFLICT',
    `--wait-ip waits in vain: ${live ? 'the link is down' : 'no running guest gets the NIC'}`,
    {
      hint: 'leave it out; later kvmnet vm ip VM --wait 60s does the same',
    },
  );
}

function nicOptions({ model, mac, portgroup, vlan, mtu, filter, link, alias, isolated, ...rest }: Options) {
  const text = (value: Options[string]): string | undefined => (typeof value === 'string' ? value : undefined);
  return {
    model: text(model),
    mac: text(mac),
    portgroup: text(portgroup),
    vlan: text(vlan),
    mtu: text(mtu),
    filter: text(filter),
    link: text(link),
    alias: text(alias),
    isolated: isolated === true,
    in: text(rest.in),
    out: text(rest.out),
  };
}

function waitTime(value: Options[string]): number | undefined {
  if (value === undefined || value === false) return undefined;
  return parseDuration(typeof value === 'string' ? value : defaultWait, '--wait-ip');
}
