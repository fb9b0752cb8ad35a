/**
 * Router advertisements, from which many hosts get their default route of IPv6: a host that forwards packets ignores them, unless accept_ra is 2.
 * @see https://docs.kernel.org/networking/ip-sysctl.html
 */
import type { NatFacts } from '../../firewall/nat-facts.ts';
import { sysctlPath } from '../../firewall/nat-files.ts';
import type { Family } from '../../values/address.ts';
import { isDeviceSetting } from '../../values/sysctl.ts';

type Setting = readonly [name: string, value: string];

/** Settings without which the host loses a route once it forwards packets of these families. */
export function advertisementSettings(
  families: readonly Family[],
  { sysctls }: Pick<NatFacts, 'sysctls'>,
): readonly Setting[] {
  if (!families.includes('ipv6')) return [];
  return Object.entries(sysctls)
    .filter(([name, value]) => isDeviceSetting(name, 'accept_ra') && value === '1')
    .map(([name]) => [name, '2']);
}

/** The same for the boot: also the settings that kvmnet has written before, since their route may be missing at the moment. */
export function advertisementSettingsAtBoot(families: readonly Family[], facts: NatFacts): readonly Setting[] {
  if (!families.includes('ipv6')) return [];
  const written = (facts.files.get(sysctlPath)?.text ?? '').split('\n').map((line) => line.split(' = '));
  return [
    ...written.flatMap(([name = '', value = '']): readonly Setting[] =>
      isDeviceSetting(name, 'accept_ra') ? [[name, value]] : [],
    ),
    ...advertisementSettings(families, facts),
  ];
}
