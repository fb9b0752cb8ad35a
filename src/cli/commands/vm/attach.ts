import { KvmnetError } from '../../../errors.ts';
import { observeNicModels } from '../../../observe/kernel.ts';
import { planAttach, type AttachPlan } from '../../../plan/nic/attach.ts';
import type { NicOptions } from '../../../plan/nic/options.ts';
import { findSource } from '../../../plan/nic/source.ts';
import { swappedHint } from '../../../plan/nic/swapped.ts';
import { findDomain } from '../../../state/find-domain.ts';
import { flag, text, typed, type OptionRow } from '../../options.ts';
import { randomMacs } from '../../random.ts';
import { changeResult } from '../../views/plan.ts';
import { lives, parseDuration, source, sourceTypes, vm, waitShown, wantedLives, wantedType } from './shared.ts';

const defaultWait = '60s';

/** Milliseconds; undefined: it does not wait. */
const waitIp: OptionRow<number | undefined> = {
  flags: '--wait-ip [TIME]',
  description: `wait for its address, ${defaultWait} by default`,
  read: (given) => {
    if (given === undefined || given === false) return undefined;
    return parseDuration(typeof given === 'string' ? given : defaultWait, '--wait-ip');
  },
};

export const command = typed({
  arguments: [vm, source],
  options: {
    ...sourceTypes,
    model: text('--model <MODEL>', 'virtio by default', ['virtio', 'e1000e', 'e1000', 'rtl8139', 'igb']),
    mac: text('--mac <MAC>', 'a free one by default'),
    portgroup: text('--portgroup <P>', "a portgroup of the network's"),
    vlan: text('--vlan <ID>', 'its VLAN: libvirt 11, Open vSwitch, or with --live a bridge that filters VLANs'),
    mtu: text('--mtu <N>', 'MTU of the NIC'),
    in: text('--in <RATE>', 'limit of what the guest receives: 100mbit'),
    out: text('--out <RATE>', 'limit of what the guest sends'),
    filter: text('--filter <F>', 'a network filter: clean-traffic'),
    isolated: flag('--isolated', 'does not reach other isolated ports of the bridge'),
    link: text('--link <STATE>', 'up or down at first', ['up', 'down']),
    alias: text('--alias <A>', 'a name of your own, beginning with ua-'),
    ...lives,
    waitIp,
  },
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
    const { waitIp: wait, live, config, ...ofNic } = options;
    const macs = randomMacs();
    const result = await context.change(
      async (state) => {
        const right = swappedHint(state, [name, wanted], (domain, from) => `vm attach ${domain} ${from}`);
        const domain = findDomain(state, name, right);
        const from = findSource(state, wanted, wantedType(options));
        const models =
          options.model === undefined ? undefined : await observeNicModels(domain, state.connection, context.traceRun);
        const plan = planAttach(
          { domain, source: from, options: { ...ofNic, ...wantedLives({ live, config }) }, macs, models },
          state,
        );
        if (wait !== undefined) requireAddress(plan, options);
        return plan;
      },
      { filters: options.filter !== undefined, vlans: options.vlan !== undefined },
    );
    const [mac = ''] = result.plan.steps.flatMap(({ verify }) => (verify.expect === 'nic' ? [verify.mac] : []));
    const found =
      wait === undefined || context.options.dryRun ? [] : await waitShown(context, [{ domain: name, mac }], wait);
    const addresses = [...new Set(found.map(({ address }) => address))];
    const done = `${name}: NIC ${mac} plugged into ${wanted}${addresses.length > 0 ? `: ${addresses.join(' ')}` : ''}`;
    return changeResult(context, result, done, { domain: name, source: wanted, mac, addresses });
  },
});

/** Throws CONFLICT where no address can come. */
function requireAddress({ live }: AttachPlan, { link }: NicOptions): void {
  if (live && link !== 'down') return;
  throw new KvmnetError(
    'CONFLICT',
    `--wait-ip waits in vain: ${live ? 'the link is down' : 'no running guest gets the NIC'}`,
    {
      hint: 'leave it out; later kvmnet vm ip VM --wait 60s does the same',
    },
  );
}
