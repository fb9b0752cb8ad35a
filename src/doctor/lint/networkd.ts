/** Checks of systemd-networkd's and netplan's files alone. Sources: systemd.network(5), systemd.netdev(5), netplan-yaml(5). */
import { configsOf } from '../../state/config/config.ts';
import { matchedNames, networkdUnits } from '../../state/config/networkd-devices.ts';
import { netplanKinds } from '../../state/config/netplan-devices.ts';
import { valueAt } from '../../state/config/netplan.ts';
import { about, type LintCheck, type LintSubject } from './check.ts';
import { plugsOf } from './plugs.ts';

const noMatch: LintCheck = {
  code: 'no-match',
  severity: 'error',
  find: ({ configs }) =>
    networkdUnits(configsOf(configs, 'networkd'), 'network')
      .filter(({ sections }) => sections('Match').length === 0)
      .map((unit) =>
        about(
          { path: unit.path, line: 1 },
          'without [Match] the file is for no device, or with an old systemd for every one',
          'write [Match] with Name= above the rest',
        ),
      ),
};

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
      devices.some((device) => device.format !== 'networkd' && device.name === name);
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

const vlanIncomplete: LintCheck = {
  code: 'netplan-incomplete',
  severity: 'error',
  find: ({ configs }) =>
    configsOf(configs, 'netplan').flatMap(({ file, parsed }) => {
      const network = valueAt(parsed.root, 'network');
      if (parsed.root !== undefined && network === undefined) {
        const hasKinds = Object.keys(netplanKinds).some((kind) => valueAt(parsed.root, kind));
        return hasKinds
          ? [
              about(
                { path: file.path, line: parsed.root.line },
                'the devices stand at the top: netplan wants them below network:',
                'write network: in the first line, and indent the rest',
              ),
            ]
          : [];
      }
      const vlans = valueAt(network, 'vlans');
      return (vlans?.kind === 'map' ? vlans.entries : []).flatMap(({ key, line, value }) => {
        const missing = ['id', 'link'].filter((name) => valueAt(value, name) === undefined);
        return missing.length === 0
          ? []
          : [
              about(
                { path: file.path, line },
                `${key}: a VLAN needs id: and link:, and ${missing.join(' and ')} is missing`,
                `write ${missing.map((name) => `${name}:`).join(' and ')} below ${key}:`,
              ),
            ];
      });
    }),
};

export const networkdChecks: readonly LintCheck[] = [noMatch, matchNothing, netdevIncomplete, vlanIncomplete];
