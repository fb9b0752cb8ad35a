import { formatIp, parseIp } from '../../../values/address.ts';
import { contains, formatSubnet, overlap } from '../../../values/subnet.ts';
import { isPublic, requireGateway, requireUsableSubnet } from '../../../values/usable-subnet.ts';
import { parseAddressParts } from '../../../values/address-parts.ts';
import type { Report } from '../../finding.ts';
import type { Check, Subject } from './subject.ts';

/** The addresses of the host in the network: valid, in subnets where guests can live, apart from each other. */
export const checkAddresses: Check = ({ network, kind, addresses }, report) => {
  for (const index of network.ips.keys()) {
    const path = `ip[${index}]`;
    const cidr = addresses.get(index);
    if (cidr === undefined) {
      const ip = network.ips[index];
      if (ip !== undefined) report.attempt(`${path}.address`, () => parseAddressParts(ip, path));
      continue;
    }
    const origin = `${path}.address`;
    const { ip, subnet } = cidr;
    const usable = report.attempt(origin, () => {
      requireUsableSubnet(subnet, origin);
      requireGateway(ip, subnet, origin);
      return true;
    });
    if (usable === true && isPublic(subnet) && (ip.family === 'ipv4' || kind === 'nat')) {
      const text = formatSubnet(subnet);
      report.consent('INPUT', origin, `${text} are public addresses: if they are not yours, guests lose the real ones`);
    }
    const earlier = [...addresses].find(([other, { subnet: theirs }]) => other < index && overlap(theirs, subnet));
    if (earlier === undefined) continue;
    const message = `${origin} ${formatSubnet(subnet)}: it overlaps ip[${earlier[0]}] (${formatSubnet(earlier[1].subnet)})`;
    report.error('INPUT', origin, message, 'choose another subnet');
  }
  checkLocalPtr({ network, addresses }, report);
};

/** libvirt answers for a reverse zone only where it ends at a dot: /8, /16, /24 of IPv4, every 4 bits of IPv6. */
function checkLocalPtr({ network, addresses }: Pick<Subject, 'network' | 'addresses'>, report: Report): void {
  for (const [index, { subnet }] of addresses) {
    const step = subnet.family === 'ipv4' ? 8 : 4;
    if (network.ips[index]?.localPtr !== true || subnet.prefix % step === 0) continue;
    const message = `ip[${index}].localPtr: a reverse zone needs a prefix that is a multiple of ${step}, not /${subnet.prefix}`;
    report.error('INPUT', `ip[${index}].localPtr`, message, 'leave localPtr out');
  }
}

/** Static routes: a destination without host bits, a gateway in the network, and not what the host's own traffic needs. */
export const checkRoutes: Check = ({ network, addresses }, report) => {
  for (const [index, route] of network.routes.entries()) {
    const path = `route[${index}]`;
    const everywhere = route.prefix === 0 && (route.address === '0.0.0.0' || route.address === '::');
    if (everywhere) {
      report.error(
        'CONFLICT',
        path,
        `${path}: a default route would lead the host's own traffic to a guest`,
        'leave it out',
      );
      continue;
    }
    const cidr = report.attempt(`${path}.address`, () => parseAddressParts(route, path));
    if (cidr !== undefined && cidr.ip.value !== cidr.subnet.first) {
      const text = formatIp(cidr.ip);
      report.error(
        'INPUT',
        `${path}.address`,
        `${path}.address ${text}: it is not the first of ${formatSubnet(cidr.subnet)}`,
        `write ${formatSubnet(cidr.subnet)}`,
      );
    }
    const gateway = report.attempt(`${path}.gateway`, () => parseIp(route.gateway ?? '', `${path}.gateway`));
    if (gateway === undefined || [...addresses.values()].some(({ subnet }) => contains(subnet, gateway))) continue;
    const message = `${path}.gateway ${formatIp(gateway)}: it is not in any subnet of the network`;
    report.error('INPUT', `${path}.gateway`, message, 'name an address of a guest in the network');
  }
};
