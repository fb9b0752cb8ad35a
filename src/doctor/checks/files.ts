/** Checks of the programs and files of the host that get in the way of libvirt. */
import { configsOf } from '../../config/config.ts';
import { isFor } from '../../config/networkd/match.ts';
import { networkdUnits } from '../../config/networkd/units.ts';
import { keyfileValues } from '../../config/networkmanager/read.ts';
import { bridgeMadeFor } from '../../state/membership.ts';
import { isVirtual, kindOf } from '../../state/network-kind.ts';
import { findPortHolder, servesDns } from '../../state/network-services.ts';
import type { State } from '../../state/state.ts';
import { quoted } from '../../values/quoted.ts';
import { check, shell, type Check, type Complaint } from '../check.ts';
import { lint } from '../lint/lint.ts';

const mistakes = check({
  code: 'configuration-mistake',
  severity: 'error',
  title: 'A configuration file of the host has a mistake',
  explanation:
    'A network manager refuses or ignores the entry, or accepts it although it does not work: the next boot brings the host up differently. [lint.md](lint.md) explains the mistakes; `kvmnet host lint` lists them by file.',
  example: 'kvmnet host lint /etc/network/interfaces',
  needs: ['files'],
  find: ({ files }) =>
    lint(files.configs, files.facts).map(({ code, severity, path, line, message, remedy }) => ({
      message: `${path}, line ${String(line)}: ${message}`,
      evidence: { file: path, line, mistake: code },
      severity,
      remedy: shell(`kvmnet host lint ${quoted(path)} # ${remedy}`),
    })),
});

/** Names that libvirt gives to its devices: a tap, the bridges of networks. */
function ownDevices({ networks }: State): readonly { readonly name: string; readonly kind: string }[] {
  const bridges = [...new Set(networks.flatMap((network) => bridgeMadeFor(network) ?? []))];
  return [{ name: 'vnet0', kind: 'tun' }, ...bridges.map((name) => ({ name, kind: 'bridge' }))];
}

const networkdClaims = check({
  code: 'networkd-claims-devices',
  severity: 'error',
  title: 'systemd-networkd configures the taps or bridges of libvirt',
  explanation:
    'A .network file whose [Match] is too wide applies to devices that libvirt creates: systemd-networkd gives them addresses, asks for DHCP on them, or removes their addresses. Name the devices that are meant in [Match], or let a file that comes first leave the devices of libvirt alone.',
  example:
    "printf '[Match]\\nName=vnet* virbr0\\n[Link]\\nUnmanaged=yes\\n' > /etc/systemd/network/00-libvirt.network && networkctl reload",
  needs: ['files', 'libvirt', 'daemons'],
  find: ({ files, libvirt, daemons }) => {
    if (files.facts?.managers['systemd-networkd'] !== 'enabled') return [];
    const units = networkdUnits(configsOf(files.configs, 'networkd'), 'network');
    const claimed = ownDevices(libvirt).flatMap(({ name, kind }) => {
      const unit = units.find((each) => isFor(each, { name, kind, macs: [] }));
      const isUnmanaged = unit?.values('Link', 'Unmanaged').at(-1)?.value === 'yes';
      return unit === undefined || isUnmanaged ? [] : [{ name, path: unit.path }];
    });
    const [first] = claimed;
    if (first === undefined) return [];
    const names = claimed.map(({ name }) => name.replace(/^vnet0$/, 'vnet*'));
    const text = `[Match]\\nName=${names.join(' ')}\\n[Link]\\nUnmanaged=yes\\n`;
    return [
      {
        message: `systemd-networkd configures ${names.join(', ')} by ${first.path}`,
        evidence: { file: first.path, devices: names },
        remedy: shell(
          `printf '${text}' > /etc/systemd/network/00-libvirt.network`,
          ...(daemons.hasSystemd ? ['networkctl reload'] : []),
        ),
      },
    ];
  },
});

const networkManagerClaims = check({
  code: 'networkmanager-claims-devices',
  severity: 'error',
  title: 'A profile of NetworkManager is for a tap or bridge of libvirt',
  explanation:
    'Programs that save every connection, such as nm-connection-editor, write profiles for the devices of libvirt too. NetworkManager then creates the bridge at boot, and the network does not start. Delete the profile.',
  example: 'nmcli connection delete virbr0',
  needs: ['files', 'libvirt', 'daemons'],
  find: ({ files, libvirt, daemons }) => {
    if (files.facts?.managers.NetworkManager !== 'enabled') return [];
    const bridges = ownDevices(libvirt).map(({ name }) => name);
    return configsOf(files.configs, 'networkmanager').flatMap((config): readonly Complaint[] => {
      const name = keyfileValues(config)('connection', 'interface-name')?.value ?? '';
      const { path } = config.file;
      if (!bridges.includes(name) && !/^vnet\d+$/.test(name)) return [];
      return [
        {
          message: `${path} is a profile of NetworkManager for ${name}, which belongs to libvirt`,
          evidence: { file: path, device: name },
          remedy: shell(`rm ${quoted(path)}`, ...(daemons.hasSystemd ? ['nmcli connection reload'] : [])),
        },
      ];
    });
  },
});

const portTaken = check({
  code: 'dns-port-taken',
  severity: 'error',
  title: 'Another program holds port 53, so that a network cannot start',
  explanation:
    'libvirt runs a dnsmasq for each network on port 53 of its gateway. A name server that listens on every address holds that port too. Let it listen on addresses of its own: `listen-on` of BIND, `bind-interfaces` of dnsmasq, `DNSStubListener` of systemd-resolved.',
  example: 'systemctl stop named',
  needs: ['libvirt', 'listeners', 'daemons'],
  find: ({ libvirt, listeners, daemons }) => {
    const stopped = libvirt.networks.filter(
      ({ active, autostart, network }) => !active && autostart && isVirtual(kindOf(network)) && servesDns(network),
    );
    return stopped.flatMap(({ name, network }): readonly Complaint[] => {
      const holder = findPortHolder(network, 53, listeners);
      if (holder === undefined) return [];
      const { socket, program, place } = holder;
      const { process, address } = socket;
      return [
        {
          message: `network ${name} cannot start: ${program} holds port 53 of ${place}`,
          evidence: {
            network: name,
            address,
            ...(process === undefined ? {} : { process: process.name, pid: process.pid }),
          },
          remedy: shell(
            process === undefined
              ? "ss -lunp 'sport = :53'"
              : daemons.hasSystemd
                ? `systemctl stop $(ps -o unit= -p ${String(process.pid)})`
                : `kill ${String(process.pid)}`,
          ),
        },
      ];
    });
  },
});

export const fileChecks: readonly Check[] = [portTaken, networkdClaims, networkManagerClaims, mistakes];
