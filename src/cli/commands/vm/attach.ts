import { KvmnetError } from '../../../errors.ts';
import { observeNicModels } from '../../../observe/kernel.ts';
import { planAttach, type AttachPlan } from '../../../plan/nic/attach.ts';
import { findSource } from '../../../plan/nic/source.ts';
import { swappedHint } from '../../../plan/nic/swapped.ts';
import { findDomain } from '../../../state/find-domain.ts';
import type { CommandDefinition, Options } from '../../command.ts';
import { randomMacs } from '../../random.ts';
import { changeResult } from '../../views/plan.ts';
import { lives, parseDuration, source, sourceTypes, vm, waitShown, wantedLives, wantedType } from './shared.ts';

const defaultWait = '60s';

export const command: CommandDefinition = {
  arguments: [vm, source],
  options: [
    ...sourceTypes,
    {
      flags: '--model <MODEL>',
      description: 'virtio by default',
      completes: ['virtio', 'e1000e', 'e1000', 'rtl8139', 'igb'],
    },
    { flags: '--mac <MAC>', description: 'a free one by default' },
    { flags: '--portgroup <P>', description: "a portgroup of the network's" },
    {
      flags: '--vlan <ID>',
      description: 'its VLAN: libvirt 11, Open vSwitch, or with --live a bridge that filters VLANs',
    },
    { flags: '--mtu <N>', description: 'MTU of the NIC' },
    { flags: '--in <RATE>', description: 'limit of what the guest receives: 100mbit' },
    { flags: '--out <RATE>', description: 'limit of what the guest sends' },
    { flags: '--filter <F>', description: 'a network filter: clean-traffic' },
    { flags: '--isolated', description: 'does not reach other isolated ports of the bridge' },
    { flags: '--link <STATE>', description: 'up or down at first', completes: ['up', 'down'] },
    { flags: '--alias <A>', description: 'a name of your own, beginning with ua-' },
    ...lives,
    { flags: '--wait-ip [TIME]', description: `wait for its address, ${defaultWait} by default` },
  ],
  description:
    'A running guest gets it at once and at its next boot, with one MAC. SOURCE is a network if there is one of that name, else a bridge, else a NIC ' +
    '(macvtap). An inactive network is started, with your consent.',
  examples: [
    ['vm attach VM1 keennet', 'into a network, now and at the next boot'],
    ['vm attach VM1 keennet --wait-ip', 'and wait for its lease'],
    ['vm attach VM1 brvlan-10', 'into a bridge of the host'],
    ['vm attach VM1 eno1 --macvtap', 'directly on a NIC of the host'],
    ['vm attach VM1 lan --config --in 100mbit', 'at the next boot, with a limit'],
  ],
  async run(context, [name = '', wanted = ''], options) {
    const wait = waitTime(options['waitIp']);
    const macs = randomMacs();
    const result = await context.change(
      async (state) => {
        const right = swappedHint(state, [name, wanted], (domain, from) => `vm attach ${domain} ${from}`);
        const domain = findDomain(state, name, right);
        const from = findSource(state, wanted, wantedType(options));
        const models =
          options['model'] === undefined
            ? undefined
            : await observeNicModels(domain, state.connection, context.traceRun);
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
      wait === undefined || context.options.dryRun ? [] : await waitShown(context, [{ domain: name, mac }], wait);
    const addresses = [...new Set(found.map(({ address }) => address))];
    const done = `${name}: NIC ${mac} plugged into ${wanted}${addresses.length > 0 ? `: ${addresses.join(' ')}` : ''}`;
    return changeResult(context, result, done, { domain: name, source: wanted, mac, addresses });
  },
};

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
