/** Policy routing: paths are found with the routes of the table `main`, and rules may choose others. @see ip-rule(8) */
import type { Packet } from '../../firewall/packet.ts';
import type { PolicyRule } from '../../records/policy-rule.ts';
import { contains, parseSubnet } from '../../values/subnet.ts';
import type { Ground } from './ground.ts';

type Routed = Pick<Packet, 'source' | 'destination' | 'inDevice' | 'outDevice'>;

/** Returns the first rule by which a packet may be routed otherwise than by the table `main`. */
export function detour(packet: Routed, { facts, state }: Ground): PolicyRule | undefined {
  const { destination, outDevice } = packet;
  const routes = (state.host?.routes ?? []).flatMap((route) => {
    const subnet = parseSubnet(route.destination, 'route');
    return contains(subnet, destination) ? [{ ...route, subnet }] : [];
  });
  for (const rule of facts.policy ?? []) {
    const { table, suppressed = -1, hasOtherConditions } = rule;
    if (table === 'local' || !mayApply(rule, packet)) continue;
    const found = routes.filter((route) => route.table === table && route.subnet.prefix > suppressed);
    if (table === 'main') {
      if (found.length > 0 && !hasOtherConditions) return undefined;
    } else if (table === undefined || found.some(({ dev }) => dev !== outDevice)) {
      return rule;
    }
  }
  return undefined;
}

function mayApply(rule: PolicyRule, { source, destination, inDevice }: Routed): boolean {
  const { hasOtherConditions, table, text } = rule;
  if (rule.family !== destination.family || (rule.inDevice ?? inDevice ?? 'lo') !== (inDevice ?? 'lo')) return false;
  // `not` inverts all conditions; a rule for devices of a VRF decides nothing about others.
  if (text.startsWith('not ')) return true;
  if (hasOtherConditions && table === undefined && text.includes(' l3mdev')) return false;
  const isIn = (subnet: string | undefined, ip: Packet['source']): boolean =>
    subnet === undefined || contains(parseSubnet(subnet, 'rule'), ip);
  return isIn(rule.source, source) && isIn(rule.destination, destination);
}
