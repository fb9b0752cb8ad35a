/** Checks of addresses against their subnets, gateways, and each other. The same in all formats. */
import type { ConfiguredDevice } from '../../config/device.ts';
import { broadcastOf, contains, readIp, readSubnet, subnetText } from './address.ts';
import { about, placeOf, type Complaint, type LintCheck } from './check.ts';
import { earlierOthers, withoutPorts } from './plugs.ts';

const gatewayOutside: LintCheck = {
  code: 'gateway-outside',
  severity: 'error',
  find: ({ devices }) => devices.flatMap(outsideGateways),
};

/** A single address (/32) has its gateway outside by design, and a link-local one is on the link of any subnet. */
function outsideGateways({ name, gateways, addresses, dhcp }: ConfiguredDevice): readonly Complaint[] {
  return gateways.flatMap((gateway) => {
    const ip = readIp(gateway.value);
    if (ip === undefined || ip.range() === 'linkLocal' || dhcp !== undefined) return [];
    const own = addresses
      .flatMap((address) => readSubnet(address) ?? [])
      .filter(({ address }) => address.kind() === ip.kind());
    const isReached = own.some((subnet) => contains(subnet, ip) || subnet.prefix === (ip.kind() === 'ipv4' ? 32 : 128));
    if (own.length === 0 || isReached) return [];
    const subnets = own.map(({ address, prefix }) => `${address.toString()}/${prefix}`).join(', ');
    return [
      about(
        gateway,
        `${gateway.key}: ${gateway.value} is not in any subnet of ${name} (${subnets})`,
        'write an address of that subnet, or correct the netmask',
      ),
    ];
  });
}

const twoGateways: LintCheck = {
  code: 'two-gateways',
  severity: 'warning',
  find: ({ devices }) => {
    // NetworkManager gives each its own metric.
    const all = withoutPorts(devices)
      .filter(({ onBoot, format }) => onBoot && format !== 'networkmanager')
      .flatMap(({ name, gateways }) => gateways.map((gateway) => ({ name, gateway })));
    return ['ipv4', 'ipv6'].flatMap((family) => {
      const [first, ...others] = all.filter(({ gateway }) => readIp(gateway.value)?.kind() === family);
      if (first === undefined) return [];
      return others
        .filter(({ name, gateway }) => name !== first.name || gateway.value !== first.gateway.value)
        .map(({ gateway }) => {
          const message = `${gateway.key}: a second default gateway in addition to ${first.gateway.value} of ${first.name} (${placeOf(first.gateway, gateway)}): which one is used is undefined`;
          return about(gateway, message, 'remove one of them, or give it a metric');
        });
    });
  },
};

const duplicateAddress: LintCheck = {
  code: 'duplicate-address',
  severity: 'error',
  find: ({ devices }) => {
    const all = withoutPorts(devices)
      .filter(({ onBoot }) => onBoot)
      .flatMap(({ name, addresses }) => addresses.map(({ address }) => ({ name, address, ip: readIp(address.value) })));
    const others = earlierOthers(all, ({ ip, address }) => ip?.toString() ?? address.value);
    return all.flatMap(({ name, address, ip }, index) => {
      // 0.0.0.0 is an address that systemd-networkd finds itself.
      if (ip === undefined || ['loopback', 'linkLocal', 'unspecified'].includes(ip.range())) return [];
      const first = others[index];
      if (first === undefined) return [];
      return [
        about(
          address,
          `${address.key}: ${first.name} has ${address.value} too (${placeOf(first.address, address)})`,
          `give ${name} or ${first.name} another address`,
        ),
      ];
    });
  },
};

/** Two NICs in one subnet: the kernel answers for both addresses on either, and sends through one. */
const subnetTwice: LintCheck = {
  code: 'subnet-twice',
  severity: 'warning',
  find: ({ devices }) => {
    const all = withoutPorts(devices)
      .filter(({ onBoot, isTitle }) => onBoot && isTitle !== true)
      .flatMap(({ name, addresses }) =>
        addresses.flatMap((configured) => {
          const subnet = readSubnet(configured);
          if (subnet === undefined || ['loopback', 'linkLocal'].includes(subnet.address.range())) return [];
          const isSingle = subnet.prefix >= (subnet.address.kind() === 'ipv4' ? 31 : 127);
          // An alias is its device.
          return isSingle ? [] : [{ name: name.replace(/:.*$/, ''), setting: configured.address, subnet }];
        }),
      );
    const others = earlierOthers(all, ({ subnet }) => subnetText(subnet));
    return all.flatMap(({ name, setting, subnet }, index) => {
      const first = others[index];
      if (first === undefined || first.setting.value === setting.value) return [];
      const message = `${setting.key}: ${first.name} is in the subnet ${subnetText(subnet)} too (${placeOf(first.setting, setting)}): both answer for either address, and one of them sends`;
      return [
        about(setting, message, `give ${name} an address in another subnet, or make both ports of one bond or bridge`),
      ];
    });
  },
};

const gatewayIsSelf: LintCheck = {
  code: 'gateway-is-self',
  severity: 'error',
  find: ({ devices }) =>
    devices.flatMap(({ name, gateways, addresses }) =>
      gateways.flatMap((gateway) => {
        const ip = readIp(gateway.value)?.toString();
        const own = addresses.find(({ address }) => ip !== undefined && readIp(address.value)?.toString() === ip);
        if (own === undefined) return [];
        const message = `${gateway.key}: ${gateway.value} is the address of ${name} itself (${placeOf(own.address, gateway)})`;
        return [about(gateway, message, 'write the address of the router')];
      }),
    ),
};

/** ifupdown computes it from `+` and `-`. */
const badBroadcast: LintCheck = {
  code: 'bad-broadcast',
  severity: 'error',
  find: ({ devices }) =>
    devices.flatMap(({ addresses }) =>
      addresses.flatMap((configured) => {
        const { broadcast } = configured;
        const subnet = readSubnet(configured);
        if (broadcast === undefined || subnet === undefined || /^[+-]$|[$]/.test(broadcast.value)) return [];
        const right = broadcastOf(subnet);
        if (right === undefined || readIp(broadcast.value)?.toString() === right) return [];
        const message = `${broadcast.key}: ${broadcast.value} is not the broadcast address of ${subnetText(subnet)}`;
        return [about(broadcast, message, `write ${right}, or delete the line: it is computed`)];
      }),
    ),
};

export const subnetChecks: readonly LintCheck[] = [
  gatewayOutside,
  gatewayIsSelf,
  twoGateways,
  duplicateAddress,
  subnetTwice,
  badBroadcast,
];
