/** Which manager a host's devices are written for. */
import { KvmnetError } from '../../errors.ts';
import { configFormats, type Config, type ConfigFormat } from '../../config/config.ts';
import { devicesOf } from '../../config/devices.ts';

/** Facts about a manager that are known without asking it. */
export interface ManagerSigns {
  /** Its program is installed. */
  readonly isInstalled: boolean;
  /** It runs, or is started at boot; undefined if unknown. */
  readonly runs: boolean | undefined;
}

export type ManagersSeen = Readonly<Record<ConfigFormat, ManagerSigns>>;

const titles: Readonly<Record<ConfigFormat, string>> = {
  ifupdown: 'ifupdown (/etc/network/interfaces)',
  ifcfg: 'network-scripts (ifcfg files)',
  networkmanager: 'NetworkManager',
  networkd: 'systemd-networkd',
  netplan: 'netplan',
};

interface ChooseOptions {
  /** Files of SUSE's manager, which kvmnet does not write. */
  readonly ofWicked?: readonly string[];
  /** The option that names a manager: `--for` of host persist, or `--persist` of other commands. */
  readonly option?: string | undefined;
}

/**
 * Chooses the manager of the host's devices: the one that is installed and has files for them; of several, the one that runs; and without files
 * the one that runs.
 * @throws AMBIGUOUS if two have devices, DEPENDENCY if none is installed, or only wicked
 */
export function chooseManager(
  seen: ManagersSeen,
  configs: readonly Config[],
  { ofWicked = [], option = '--for' }: ChooseOptions = {},
): ConfigFormat {
  const devices = devicesOf(configs).filter(({ name }) => name !== 'lo');
  const installed = configFormats
    .filter((format) => seen[format].isInstalled)
    .filter((format) => !isBehind(format, seen, configs));
  const withFiles = installed.filter((format) => devices.some((device) => device.format === format));
  const runs = (format: ConfigFormat): boolean => seen[format].runs === true;
  // It comes with systemd, whether it is used or not.
  const chosen = installed.filter((format) => format !== 'networkd');
  if (ofWicked.length > 0 && withFiles.length === 0) {
    throw new KvmnetError('DEPENDENCY', `wicked has the devices of this host, ${wickedText(ofWicked)}`, {
      hint: `write them with yast lan, or name another manager that is to have them: ${option} networkmanager`,
    });
  }
  const steps = [withFiles.filter(runs), withFiles, installed.filter(runs), chosen];
  const candidates = steps.find((formats) => formats.length > 0) ?? [];
  const [only, ...others] = candidates;
  if (only === undefined) {
    throw new KvmnetError(
      'DEPENDENCY',
      'nothing on this host keeps its network configuration: no manager is installed',
      {
        hint: `install one (on Debian: apt install ifupdown bridge-utils vlan, or network-manager), or name a format: ${option} networkd`,
      },
    );
  }
  if (others.length === 0) return only;
  throw new KvmnetError(
    'AMBIGUOUS',
    `this host has several managers: ${candidates.map((each) => titles[each]).join(', ')}`,
    {
      hint: `choose the one that should manage the devices: ${candidates.map((each) => `${option} ${each}`).join(' or ')}`,
    },
  );
}

/** Warnings about files that are written for another manager. */
export function wickedWarning(ofWicked: readonly string[]): readonly string[] {
  if (ofWicked.length === 0) return [];
  return [`wicked has devices of this host too, ${wickedText(ofWicked)}: two managers must not have one device`];
}

function wickedText(files: readonly string[]): string {
  const [first = '', ...more] = files;
  const others = more.length === 0 ? '' : ` and ${String(more.length)} more`;
  return `in ifcfg files of SUSE, which kvmnet neither reads nor writes (${first}${others})`;
}

/** Warnings about files that no running manager would read. */
export function idleWarning(format: ConfigFormat, seen: ManagersSeen): readonly string[] {
  if (seen[format].runs !== false) return [];
  return [`${titles[format]} is not started at boot: nothing reads these files until it is`];
}

/** netplan writes the files of networkd and NetworkManager, and NetworkManager reads ifcfg files where these are used. */
function isBehind(format: ConfigFormat, seen: ManagersSeen, configs: readonly Config[]): boolean {
  const has = (other: ConfigFormat): boolean =>
    seen[other].isInstalled && configs.some((config) => config.format === other);
  if (format === 'networkd') return has('netplan');
  return format === 'networkmanager' && (has('netplan') || (has('ifcfg') && !has('networkmanager')));
}
