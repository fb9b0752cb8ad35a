/** Checks of the kernel's settings and features. */
import { devicesOf } from '../../config/devices.ts';
import { addressesOf } from '../../state/network-address.ts';
import { kindOf } from '../../state/network-kind.ts';
import type { State } from '../../state/state.ts';
import type { Family } from '../../values/address.ts';
import { isDefaultRoute } from '../../values/route.ts';
import { deviceSetting, forwardingSetting } from '../../values/sysctl.ts';
import { check, shell, type Check } from '../check.ts';

/** Active networks whose guests the host forwards packets for. */
function routedNetworks({ networks }: State, family: Family): readonly string[] {
  return networks
    .filter(({ active, network }) => active && ['nat', 'route', 'open'].includes(kindOf(network) ?? ''))
    .filter(({ network }) => addressesOf(network).some(({ ip }) => ip.family === family))
    .map(({ name }) => name);
}

function forwardingOff(family: Family, text: Pick<Check, 'code' | 'title' | 'explanation'>): Check {
  const setting = forwardingSetting[family];
  return check({
    ...text,
    severity: 'error',
    example: `sysctl -w ${setting}=1`,
    needs: ['libvirt', 'kernel'],
    find: ({ libvirt, kernel: { sysctls } }) => {
      const networks = routedNetworks(libvirt, family);
      if (networks.length === 0 || sysctls[setting] !== '0') return [];
      return [
        {
          message: `the host forwards no ${family === 'ipv4' ? 'IPv4' : 'IPv6'} packets: guests of ${networks.join(', ')} reach no other network`,
          evidence: { setting, value: 0, networks },
          remedy: shell(`sysctl -w ${setting}=1`),
        },
      ];
    },
  });
}

const ipv4Off = forwardingOff('ipv4', {
  code: 'ipv4-forwarding-off',
  title: 'The host does not forward IPv4 packets, but networks need it',
  explanation:
    'libvirt enables forwarding when a NAT or routed network starts, but another program can disable it later: a file in /etc/sysctl.d, or a network manager. Look for the setting there, or it is lost again at the next boot.',
});

const ipv6Off = forwardingOff('ipv6', {
  code: 'ipv6-forwarding-off',
  title: 'The host does not forward IPv6 packets, but networks need it',
  explanation:
    'libvirt enables forwarding when a network with an IPv6 address starts, but another program can disable it later: a file in /etc/sysctl.d, or a network manager.',
});

const advertisedRoute = check({
  code: 'advertised-route-expires',
  severity: 'error',
  title: 'The IPv6 default route of the host is about to expire',
  explanation:
    'A host that forwards IPv6 ignores the advertisements of routers, unless accept_ra is 2: the default route that a router advertised is not renewed, and the host loses IPv6. libvirt enables forwarding when a network with an IPv6 address starts.',
  example: 'sysctl -w net.ipv6.conf.eno1.accept_ra=2',
  needs: ['host', 'kernel'],
  find: ({ host, kernel: { sysctls } }) => {
    if (sysctls[forwardingSetting.ipv6] !== '1') return [];
    const devices = host.routes.flatMap((route) =>
      isDefaultRoute(route) && route.protocol === 'ra' && route.dev !== undefined ? [route.dev] : [],
    );
    return [...new Set(devices)].flatMap((device) => {
      const setting = deviceSetting(device, 'accept_ra');
      if (sysctls[setting] !== '1') return [];
      return [
        {
          message: `the host forwards IPv6 and ignores routers on ${device}: its default route is not renewed`,
          evidence: { device, setting, value: 1 },
          remedy: shell(`sysctl -w ${setting}=2`),
        },
      ];
    });
  },
});

const noVlans = check({
  code: 'vlan-unsupported',
  severity: 'error',
  title: 'VLAN devices are configured, but the kernel has no 802.1Q',
  explanation:
    "An upgrade has removed the modules of the running kernel, which the next boot replaces, or the kernel was built without the module 8021q: choose the distribution's own kernel at the boot.",
  example: 'reboot',
  needs: ['files', 'kernel'],
  find: ({ files, kernel: { features } }) => {
    const vlans = devicesOf(files.configs).filter(({ kind, onBoot }) => kind === 'vlan' && onBoot);
    if (features?.vlan !== false || vlans.length === 0) return [];
    return [
      {
        message: `the kernel has no 802.1Q, so that ${vlans.map(({ name }) => name).join(', ')} cannot be created`,
        evidence: { devices: vlans.map(({ name }) => name), files: [...new Set(vlans.map(({ path }) => path))] },
        remedy: shell('reboot'),
      },
    ];
  },
});

export const kernelChecks: readonly Check[] = [ipv4Off, ipv6Off, advertisedRoute, noVlans];
