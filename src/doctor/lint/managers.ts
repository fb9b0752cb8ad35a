/** Checks of files against the host they are for: whether anything reads them, and has what it needs. */
import { configsOf, type ConfigFormat } from '../../config/config.ts';
import type { SourcedValue } from '../../config/device.ts';
import type { ConfigFacts, Manager } from '../../config/facts.ts';
import { ifcfgName, ifcfgValues, isFalse } from '../../config/ifcfg/read.ts';
import { optionName } from '../../config/ifupdown/read.ts';
import { about, placeOf, type Complaint, type LintCheck, type LintSubject } from './check.ts';

const nobodyManages: LintCheck = {
  code: 'nobody-manages',
  severity: 'error',
  find: (subject) => {
    const { facts } = subject;
    if (facts === undefined) return [];
    return [...ifcfgWithoutManager(subject, facts), ...formatsWithoutManager(subject, facts)];
  },
};

/** NM_CONTROLLED in each ifcfg file selects its manager. network-scripts read every file, NetworkManager those without a no. */
function ifcfgWithoutManager({ configs, devices }: LintSubject, facts: ConfigFacts): readonly Complaint[] {
  const scripts = facts.managers.network;
  if (scripts === 'enabled') return [];
  return configsOf(configs, 'ifcfg').flatMap((config) => {
    const name = ifcfgName(config.file.path);
    const device = devices.find(({ path }) => path === config.file.path);
    const controlled = ifcfgValues(config)('NM_CONTROLLED');
    const isEnabled = facts.managers.NetworkManager === 'enabled';
    if (name === 'lo' || device?.onBoot !== true || (isEnabled && !isFalse(controlled))) return [];
    const others = `network.service is ${state(scripts)}`;
    if (isEnabled && controlled) {
      const remedy =
        scripts === 'absent'
          ? `write NM_CONTROLLED=yes in line ${controlled.line}`
          : 'systemctl enable network, or write NM_CONTROLLED=yes';
      return [
        about(
          controlled,
          `NM_CONTROLLED=${controlled.value}: NetworkManager ignores ${device.name}, and ${others}: no service brings it up`,
          remedy,
        ),
      ];
    }
    const message = `no service brings ${device.name} up: NetworkManager is ${state(facts.managers.NetworkManager)}, and ${others}`;
    return [about(controlled ?? device, message, enabling(['NetworkManager', 'network'], facts))];
  });
}

function state(manager: ConfigFacts['managers'][Manager]): string {
  return manager === 'absent' ? 'not installed' : 'not enabled';
}

function enabling(candidates: readonly Manager[], facts: ConfigFacts): string {
  const there = candidates.find((manager) => facts.managers[manager] === 'disabled');
  return there === undefined ? `install ${candidates[0] ?? ''}, and enable it` : `systemctl enable --now ${there}`;
}

const readers: readonly (readonly [ConfigFormat, Manager])[] = [
  ['ifupdown', 'networking'],
  ['networkmanager', 'NetworkManager'],
  ['networkd', 'systemd-networkd'],
];

/** One complaint for all files of a manager that does not run. */
function formatsWithoutManager({ devices }: LintSubject, facts: ConfigFacts): readonly Complaint[] {
  const managed = readers.filter(([, manager]) => facts.managers[manager] === 'enabled').map(([format]) => format);
  /** Files of an earlier manager stay behind, and do no harm. */
  const isManagedElsewhere = (name: string): boolean =>
    devices.some((device) => device.name === name && (managed.includes(device.format) || device.format === 'netplan'));
  return readers.flatMap(([format, manager]) => {
    const first = devices.find((device) => device.format === format && device.name !== 'lo' && device.onBoot);
    if (first === undefined || facts.managers[manager] === 'enabled' || isManagedElsewhere(first.name)) return [];
    const message = `no service brings ${first.name} up: ${manager} is ${state(facts.managers[manager])}`;
    return [about(first, message, enabling([manager], facts))];
  });
}

const mixedManagers: LintCheck = {
  code: 'mixed-managers',
  severity: 'error',
  find: ({ configs, facts }) => {
    if (facts !== undefined && facts.managers.NetworkManager !== 'enabled') return [];
    const files = configsOf(configs, 'ifcfg').map((config) => ({ config, value: ifcfgValues(config) }));
    const nameOf = ({ config, value }: (typeof files)[number]): string =>
      value('DEVICE')?.value ?? ifcfgName(config.file.path);
    return files.flatMap((file) => {
      const setting = file.value('BRIDGE') ?? file.value('MASTER');
      if (setting === undefined) return [];
      const master = files.find((each) => nameOf(each) === setting.value);
      if (master === undefined) return [];
      const [own, theirs] = [file.value('NM_CONTROLLED'), master.value('NM_CONTROLLED')];
      if (isFalse(own) === isFalse(theirs)) return [];
      return [mixed(nameOf(file), setting, own, theirs)];
    });
  },
};

function mixed(
  port: string,
  setting: SourcedValue,
  own: SourcedValue | undefined,
  theirs: SourcedValue | undefined,
): Complaint {
  const unmanaged = isFalse(theirs) ? theirs : own;
  const [left, managed] = isFalse(theirs) ? [setting.value, port] : [port, setting.value];
  const place = unmanaged ?? setting;
  const message = `NetworkManager leaves ${left} alone and manages ${managed} (${placeOf(setting, place)}): "Master device can't be activated: Device unmanaged"`;
  return about(place, message, 'write the same NM_CONTROLLED in both files');
}

const noBrctl: LintCheck = {
  code: 'no-brctl',
  severity: 'error',
  find: ({ configs, facts }) => {
    if (facts === undefined) return [];
    const scripts = facts.managers.network === 'enabled' && facts.scriptsCallBrctl && !facts.hasBrctl;
    const isIfupdown = facts.managers.networking === 'enabled' && !facts.ifupdownMakesBridges;
    const byScripts = configsOf(configs, 'ifcfg').flatMap((config) => {
      const value = ifcfgValues(config);
      const isManaged = facts.managers.NetworkManager === 'enabled' && !isFalse(value('NM_CONTROLLED'));
      const type = value('TYPE');
      if (!scripts || isManaged || type?.value !== 'Bridge') return [];
      return [
        about(type, 'network-scripts make a bridge with brctl, which is not installed', 'yum install bridge-utils'),
      ];
    });
    const byIfupdown = configsOf(configs, 'ifupdown').flatMap(({ file, parsed }) =>
      parsed.ifaces.flatMap(({ options }) =>
        options
          .filter(({ key }) => optionName(key) === 'bridge-ports')
          .map(({ key, line }) =>
            about(
              { path: file.path, line },
              `${key} is read by bridge-utils, which is not installed`,
              'apt install bridge-utils',
            ),
          ),
      ),
    );
    return [...byScripts, ...(isIfupdown ? byIfupdown : [])];
  },
};

export const managerChecks: readonly LintCheck[] = [nobodyManages, mixedManagers, noBrctl];
