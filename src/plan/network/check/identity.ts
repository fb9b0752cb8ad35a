import {
  isUuidShaped,
  parseDeviceName,
  parseNetworkName,
  parsePortgroupName,
  parseTitle,
} from '../../../values/name.ts';
import { show } from '../../../values/invalid.ts';
import { hasRelease, needs } from '../../../state/libvirt-version.ts';
import type { Check } from './subject.ts';

/** Name, UUID and title of a network, and the names of its portgroups. */
export const checkIdentity: Check = ({ network, existing, state }, report) => {
  // A network that has its name already keeps it: virsh may have made it.
  if (existing?.name !== network.name) report.attempt('name', () => parseNetworkName(network.name, 'name'));
  const { uuid, title } = network;
  if (uuid !== undefined && (!isUuidShaped(uuid) || /^[0-]*$/.test(uuid))) {
    report.error('INPUT', 'uuid', `uuid ${show(uuid)}: this is not a UUID`, 'leave <uuid> out: a new one is made');
  }
  if (title !== undefined) report.attempt('title', () => parseTitle(title, 'title'));
  if ((title ?? network.description) !== undefined && !hasRelease(state, [9, 7])) {
    report.warn(
      'DEPENDENCY',
      'title',
      `${needs('a title or description of a network', [9, 7], state)}, which drops it`,
    );
  }
};

/** Names of portgroups: valid, each once, one default at most. */
export const checkPortgroups: Check = ({ network, existing }, report) => {
  const kept = new Set(existing?.network.portgroups.map(({ name }) => name));
  const names = new Set<string>();
  for (const [index, { name, default: isDefault }] of network.portgroups.entries()) {
    const path = `portgroup[${index}]`;
    if (!kept.has(name)) report.attempt(`${path}.name`, () => parsePortgroupName(name, `${path}.name`));
    if (names.has(name))
      report.error(
        'INPUT',
        `${path}.name`,
        `${path}.name ${show(name)}: another portgroup has this name`,
        'name each once',
      );
    names.add(name);
    const first = network.portgroups.findIndex((portgroup) => portgroup.default === true);
    if (isDefault === true && first < index) {
      report.error(
        'INPUT',
        `${path}.default`,
        `${path}.default: portgroup[${first}] is the default already`,
        "keep one default='yes'",
      );
    }
  }
};

/** Names of NICs in `<forward>`: the kernel's rules, and nothing that iptables reads as a pattern. */
export const checkForwardNames: Check = ({ network: { forward } }, report) => {
  const name = (path: string, dev: string | undefined): void => {
    if (dev !== undefined) report.attempt(path, () => parseDeviceName(dev, path));
  };
  name('forward.dev', forward?.dev);
  name('forward.pf.dev', forward?.pf?.dev);
  for (const [index, { dev }] of (forward?.interfaces ?? []).entries()) name(`forward.interface[${index}].dev`, dev);
};
