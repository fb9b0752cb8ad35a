import { KvmnetError } from '../../../errors.ts';
import { observeNicModels } from '../../../observe/kernel.ts';
import { observeNeighbors } from '../../../observe/addresses.ts';
import { observeAddressesInUse } from '../../../observe/addresses-in-use.ts';
import { planAttach, type AttachPlan, type AttachRequest } from '../../../plan/nic/attach.ts';
import { parseLinkState, type NicOptions } from '../../../plan/nic/options.ts';
import { findSource } from '../../../plan/nic/source.ts';
import { swappedHint } from '../../../plan/nic/swapped.ts';
import { planAttachWithAddress, type AddressRequest } from '../../../plan/reserve/attach.ts';
import { parseIp } from '../../../values/address.ts';
import { parseHostName } from '../../../values/dns.ts';
import { parseNicMac } from '../../../values/mac.ts';
import { parseAlias, parsePortgroupName, parseSimpleName } from '../../../values/name.ts';
import { parseMtu, parseVlan } from '../../../values/number.ts';
import { parseRate } from '../../../values/rate.ts';
import { findDomain } from '../../../state/find-domain.ts';
import { flag, parsed, typed, type OptionRow } from '../../options.ts';
import { randomMacs } from '../../random.ts';
import { changeResult } from '../../views/plan.ts';
import { warnOfUnseenNeighbors } from '../net/arguments.ts';
import {
  scopeOptions,
  parseDuration,
  source,
  sourceTypes,
  vm,
  waitShown,
  wantedScopes,
  wantedType,
} from './arguments.ts';

const defaultWait = '60s';

/** Milliseconds; undefined: it does not wait. */
const waitIp: OptionRow<number | undefined> = {
  flags: '--wait-ip [TIME]',
  description: `Wait for its address (default: ${defaultWait})`,
  read: (given) => {
    if (given === undefined || given === false) return undefined;
    return parseDuration(typeof given === 'string' ? given : defaultWait, '--wait-ip');
  },
};

const named =
  (example: string) =>
  (typed: string, origin: string): string =>
    parseSimpleName(typed, origin, example);

export const command = typed({
  arguments: [vm, source],
  options: {
    ...sourceTypes,
    model: parsed('--model <MODEL>', 'Model of the NIC (default: virtio)', named('virtio'), [
      'virtio',
      'e1000e',
      'e1000',
      'rtl8139',
      'igb',
    ]),
    mac: parsed('--mac <MAC>', 'MAC address (default: an unused one)', parseNicMac),
    ip: parsed(
      '--ip <IP>',
      'Reserve this IPv4 address of the network for the NIC, or `next` for a free one',
      (typed: string, origin: string): AddressRequest['ip'] => (typed === 'next' ? typed : parseIp(typed, origin)),
    ),
    hostname: parsed('--hostname <H>', 'With --ip: host name for the DNS of the network', parseHostName),
    portgroup: parsed('--portgroup <P>', 'Portgroup of the network', parsePortgroupName),
    vlan: parsed(
      '--vlan <ID>',
      'VLAN of the NIC: libvirt 11, Open vSwitch, or with --live a bridge with VLAN filtering',
      parseVlan,
    ),
    mtu: parsed('--mtu <N>', 'MTU of the NIC', parseMtu),
    in: parsed('--in <RATE>', 'Limit for incoming traffic of the guest: 100mbit', parseRate),
    out: parsed('--out <RATE>', 'Limit for outgoing traffic of the guest', parseRate),
    filter: parsed('--filter <F>', 'Network filter, such as clean-traffic', named('clean-traffic')),
    isolated: flag('--isolated', 'Isolate it from other isolated ports of the bridge'),
    link: parsed('--link <STATE>', 'Initial link state: up or down', parseLinkState, ['up', 'down']),
    alias: parsed('--alias <A>', 'Alias that begins with ua-', parseAlias),
    ...scopeOptions,
    waitIp,
  },
  description:
    'A running guest gets the NIC now and at its next boot, with the same MAC address. SOURCE is looked up as a network, then as a ' +
    'bridge, then as a NIC (macvtap). kvmnet asks before it starts an inactive network.',
  examples: [
    ['vm attach VM1 keennet', 'Attach it to a network, now and at the next boot'],
    ['vm attach VM1 keennet --wait-ip', 'Wait for its lease'],
    ['vm attach VM1 keennet --ip 192.168.132.77 --hostname web', 'Reserve an address and a name for it'],
    ['vm attach VM1 brvlan-10', 'Attach it to a bridge of the host'],
    ['vm attach VM1 eno1 --macvtap', 'Attach it directly to a NIC of the host'],
    ['vm attach VM1 lan --config --in 100mbit', 'Attach it at the next boot, with a limit'],
  ],
  async run(context, [name = '', wanted = ''], options) {
    const { waitIp: wait, live, config, ip, hostname: host, ...ofNic } = options;
    if (host !== undefined && ip === undefined) {
      throw new KvmnetError('USAGE', '--hostname is the name of a reserved address, and needs --ip', {
        hint: 'add --ip next for a free address',
      });
    }
    const macs = randomMacs();
    const result = await context.change(
      async (state) => {
        const right = swappedHint(state, [name, wanted], (domain, from) => `vm attach ${domain} ${from}`);
        const domain = findDomain(state, name, right);
        const from = findSource(state, wanted, wantedType(options));
        const models =
          options.model === undefined ? undefined : await observeNicModels(domain, state.connection, context.traceRun);
        const wantedNic = { ...ofNic, ...wantedScopes({ live, config }) };
        const request: AttachRequest = { domain, source: from, options: wantedNic, macs, models };
        if (ip === 'next') warnOfUnseenNeighbors(context, state);
        const inUse = ip === 'next' ? await observeAddressesInUse(context, state) : [];
        const neighbors = ip === undefined || ip === 'next' ? [] : await observeNeighbors(context);
        const plan =
          ip === undefined
            ? { ...planAttach(request, state), address: undefined }
            : planAttachWithAddress(request, { ip, host, inUse, neighbors, now: Date.now() / 1000 }, state);
        if (wait !== undefined) requireAddress(plan, options);
        return plan;
      },
      {
        routes: false,
        filters: options.filter !== undefined,
        vlans: options.vlan !== undefined,
        // With an address, the reservations and leases of all count.
        ...(ip === undefined
          ? { leases: false, domains: [name], macs: options.mac === undefined ? macs : [options.mac] }
          : {}),
      },
    );
    const [mac = ''] = result.plan.steps.flatMap(({ verify }) => (verify.expect === 'nic' ? [verify.mac] : []));
    const found =
      wait === undefined || context.options.dryRun ? [] : await waitShown(context, [{ domain: name, mac }], wait);
    const addresses = [...new Set(found.map(({ address }) => address))];
    const reserved = result.resumed ? undefined : result.plan.address;
    const promised = reserved === undefined ? '' : `, with ${reserved} reserved`;
    const leased = addresses.length > 0 ? `: ${addresses.join(' ')}` : '';
    const done = `${name}: NIC ${mac} attached to ${wanted}${promised}${leased}`;
    const value = { domain: name, source: wanted, mac, addresses };
    return changeResult(context, result, done, reserved === undefined ? value : { ...value, reserved });
  },
});

/** Throws CONFLICT where no address can come. */
function requireAddress({ live }: AttachPlan, { link }: NicOptions): void {
  if (live && link !== 'down') return;
  throw new KvmnetError(
    'CONFLICT',
    `--wait-ip cannot succeed: ${live ? 'the link is down' : 'no running guest gets the NIC'}`,
    {
      hint: 'leave it out; later kvmnet vm ip VM --wait 60s does the same',
    },
  );
}
