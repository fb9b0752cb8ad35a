/** Checks of systemd-networkd's files alone. Sources: systemd.network(5), systemd.netdev(5). */
import { baseName, configsOf } from '../../../config/config.ts';
import type { SourcedValue } from '../../../config/device.ts';
import { madeSubject } from '../../../config/networkd/read.ts';
import { isFor, matchedMacs, matchedNames, type MatchSubject } from '../../../config/networkd/match.ts';
import { networkdUnits, type NetworkdUnit } from '../../../config/networkd/units.ts';
import { ownerByName } from '../../../state/owners.ts';
import { about, type Complaint, type LintCheck, type LintSubject } from '../check.ts';
import { networkdRules } from './rules.ts';
import { plugsOf } from '../plugs.ts';

/** An empty file masks one of the same name. */
const noMatch: LintCheck = {
  code: 'no-match',
  severity: 'error',
  find: ({ configs }) => {
    const networks = configsOf(configs, 'networkd');
    const isEmpty = (unit: NetworkdUnit): boolean =>
      networks.some(({ file }) => file.path === unit.path && file.text === '');
    const hasDevice = (unit: NetworkdUnit): boolean =>
      unit.keys('Match').some((key) => unit.values('Match', key).length > 0);
    return networkdUnits(networks, 'network')
      .filter((unit) => !hasDevice(unit) && !isEmpty(unit))
      .map((unit) =>
        about(
          { path: unit.path, line: 1 },
          unit.sections('Match').length > 0
            ? '[Match] is empty: the file is for no device'
            : 'without [Match] the file applies to no device, and to every device with an old systemd',
          'write [Match] with Name= above the rest',
        ),
      );
  },
};

/** Of all files that match a device systemd-networkd takes the first by name, and of the others nothing. */
const shadowed: LintCheck = {
  code: 'shadowed',
  severity: 'error',
  find: ({ configs }) => {
    const files = configsOf(configs, 'networkd');
    const networks = networkdUnits(files, 'network');
    const made = networkdUnits(files, 'netdev').flatMap((netdev) =>
      netdev.values('NetDev', 'Name').map(({ value }) => madeSubject(netdev, value, networks)),
    );
    return networks.flatMap((own, index) =>
      matchedNames(own)
        .filter(({ value }) => !/[!*?[]/.test(value))
        .flatMap((name) => {
          const subject = made.find((each) => each.name === name.value) ?? {
            name: name.value,
            kind: 'ether',
            macs: [],
          };
          const first = networks.slice(0, index).find((each) => isFor(each, subject));
          const isMeant = first && matchedNames(first).some(({ value }) => value === name.value);
          return first === undefined || isMeant ? [] : shadow(own, first, subject);
        }),
    );
  },
};

function shadow(own: NetworkdUnit, first: NetworkdUnit, { name, macs }: MatchSubject): readonly Complaint[] {
  const mac = matchedMacs(first).find(({ value }) => macs.includes(value.toLowerCase()));
  const setting: SourcedValue | undefined = mac ?? first.keys('Match').flatMap((key) => first.values('Match', key))[0];
  if (setting === undefined) return [];
  const why = mac ? `, which inherits the MAC of its NIC` : '';
  const message = `${setting.key}=${setting.value} matches ${name} too${why}: ${own.path} is then never used`;
  const remedy = mac
    ? `write PermanentMACAddress=${setting.value} instead`
    : `rename ${baseName(own.path)} so that it comes before ${baseName(first.path)}`;
  return [about(setting, message, remedy)];
}

/** Names that only a .netdev file can make; libvirt's and containers' own are made elsewhere. */
const virtual = /^(br|bond|team|vlan|brvlan)[-_]?\d+$/;

const matchNothing: LintCheck = {
  code: 'match-nothing',
  severity: 'warning',
  find: ({ configs, devices }: LintSubject) => {
    const made = new Set(
      networkdUnits(configsOf(configs, 'networkd'), 'netdev')
        .flatMap((unit) => unit.values('NetDev', 'Name'))
        .map(({ value }) => value),
    );
    /** A port's Bridge= is complained about already. */
    const isElsewhere = (name: string): boolean =>
      plugsOf(devices).some(({ master }) => master === name) ||
      devices.some((device) => device.format !== 'networkd' && device.name === name) ||
      ownerByName(name) !== undefined;
    return networkdUnits(configsOf(configs, 'networkd'), 'network')
      .flatMap(matchedNames)
      .filter(({ value }) => virtual.test(value) && !made.has(value) && !isElsewhere(value))
      .map((name) => {
        const kind = name.value.startsWith('br') ? 'bridge' : name.value.replace(/[-_]?\d+$/, '');
        return about(
          name,
          `Name=${name.value}: no .netdev file makes ${name.value}, so this file never applies`,
          `write ${name.value}.netdev with [NetDev], Name=${name.value}, Kind=${kind}`,
        );
      });
  },
};

const netdevIncomplete: LintCheck = {
  code: 'netdev-incomplete',
  severity: 'error',
  find: ({ configs }) =>
    networkdUnits(configsOf(configs, 'networkd'), 'netdev').flatMap((unit) => {
      const missing = ['Name', 'Kind'].filter((key) => unit.values('NetDev', key).length === 0);
      if (missing.length > 0)
        return [
          about(
            { path: unit.path, line: 1 },
            `[NetDev] has no ${missing.join(' and no ')}: nothing is made`,
            `write ${missing.map((key) => `${key}=`).join(' and ')} into [NetDev]`,
          ),
        ];
      const isVlan = unit.values('NetDev', 'Kind').at(-1)?.value === 'vlan';
      if (!isVlan || unit.values('VLAN', 'Id').length > 0) return [];
      return [about({ path: unit.path, line: 1 }, 'Kind=vlan without an ID: nothing is made', 'write [VLAN] with Id=')];
    }),
};

export const networkdChecks: readonly LintCheck[] = [
  noMatch,
  matchNothing,
  shadowed,
  netdevIncomplete,
  ...networkdRules,
];
