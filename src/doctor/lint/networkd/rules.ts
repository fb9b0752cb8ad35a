/** systemd-networkd's rules for the lines and sections of one file: see networkd-values.ts. Source: networkd-network.c, networkd-route.c, networkd-address.c and netdev.c of systemd 252. */
import { isIP, isIPv6 } from 'node:net';
import { configsOf, type ConfigOf } from '../../../config/config.ts';
import { sourcedValue, type SourcedValue } from '../../../config/device.ts';
import type { ConfigSection } from '../../../config/file.ts';
import { about, placeOf, type Complaint, type LintCheck, type LintSubject } from '../check.ts';
import { isNetdev, readNetworkdSections } from '../keys.ts';
import { netdevKinds, netdevValues, networkValues } from './values.ts';
import { valueCodes } from '../value-rules.ts';

type NetworkdConfig = ConfigOf<'networkd'>;

/** Files of systemd-networkd; udev reads the .link files. */
function networkdFiles({ configs }: LintSubject): readonly NetworkdConfig[] {
  return configsOf(configs, 'networkd').filter(({ file }) => !file.path.endsWith('.link'));
}

/** The kind in the file itself; most drop-ins have none. */
function kindOf(config: NetworkdConfig): SourcedValue | undefined {
  const kinds = valuesOf(config, 'NetDev', 'Kind').filter(({ value }) => netdevKinds.has(value));
  return isNetdev(config.file.path) ? kinds[0] : undefined;
}

function valuesOf(config: NetworkdConfig, section: string, key: string): readonly SourcedValue[] {
  return config.parsed.sections
    .filter(({ name }) => name === section)
    .flatMap(({ entries }) => entries)
    .filter((entry) => entry.key === key)
    .map((entry) => sourcedValue(config, entry));
}

/** The sections that systemd-networkd reads: of a .netdev file the sections of its kind. */
function readSections(config: NetworkdConfig): readonly ConfigSection[] {
  const all = readNetworkdSections(config);
  const kind = kindOf(config);
  if (kind === undefined) return isNetdev(config.file.path) && isUnit(config) ? all.filter(isCommon) : all;
  return all.filter((section) => isCommon(section) || netdevKinds.get(kind.value)?.includes(section.name) === true);
}

const isCommon = ({ name }: ConfigSection): boolean => name === 'Match' || name === 'NetDev';
const isUnit = ({ file }: NetworkdConfig): boolean => file.path.endsWith('.netdev');

const valueChecks: readonly LintCheck[] = valueCodes.map((code) => ({
  code,
  severity: 'error',
  find: (subject) =>
    networkdFiles(subject).flatMap((config) => {
      const rules = isNetdev(config.file.path) ? netdevValues : networkValues;
      return readSections(config).flatMap(({ name, entries }) =>
        entries.flatMap((entry) => {
          const rule = rules.get(`${name}.${entry.key}`);
          if (rule?.code !== code || rule.takes(entry.value)) return [];
          const message = `${entry.key}=${entry.value}: systemd-networkd wants ${rule.wants} here, and ignores the line`;
          const [address = '', length] = entry.value.split('/');
          const isLength = code === 'bad-address' && length !== undefined && isIP(address) !== 0;
          const remedy = isLength
            ? `write a prefix length from 0 to ${isIPv6(address) ? '128' : '32'} after the /`
            : `write ${rule.wants}`;
          return [about(sourcedValue(config, entry), message, remedy)];
        }),
      );
    }),
}));

const otherKind: LintCheck = {
  code: 'wrong-section',
  severity: 'error',
  find: (subject) =>
    networkdFiles(subject).flatMap((config) => {
      const kind = kindOf(config);
      if (kind === undefined) return [];
      return readNetworkdSections(config)
        .filter((section) => !readSections(config).includes(section))
        .map(({ name, line }) => {
          const message = `[${name}] is not read in a file with Kind=${kind.value}`;
          return about({ path: config.file.path, line }, message, 'remove the section, or correct Kind=');
        });
    }),
};

/** Sections that mean nothing without one of these keys. */
const needs: Readonly<Record<string, readonly string[]>> = {
  Address: ['Address', 'Peer'],
  Route: ['Gateway', 'Destination', 'Source', 'PreferredSource'],
};

const incomplete: LintCheck = {
  code: 'section-incomplete',
  severity: 'error',
  find: (subject) =>
    networkdFiles(subject).flatMap((config) =>
      config.parsed.sections.flatMap(({ name, line, entries }) => {
        const keys = needs[name] ?? [];
        const isSpecified = entries.some(
          ({ key, value }) => value !== '' && (keys.includes(key) || (key === 'Broadcast' && /\d\./.test(value))),
        );
        // Without any known key this is the only finding.
        if (keys.length === 0 || entries.length === 0 || isSpecified) return [];
        const wanted = keys.map((key) => `${key}=`).join(' or ');
        const message = `[${name}] without ${wanted}: systemd-networkd ignores the section`;
        return [about({ path: config.file.path, line }, message, `write ${keys[0] ?? ''}= below [${name}]`)];
      }),
    ),
};

type Conflict = (config: NetworkdConfig) => readonly (Complaint | undefined)[];

const family = (setting: SourcedValue): string => (isIPv6(setting.value.replace(/\/.*$/, '')) ? 'ipv6' : 'ipv4');

/** Returns each section of that name separately, with the requested keys. */
function sectionsWith(
  config: NetworkdConfig,
  name: string,
  keys: readonly string[],
): readonly (readonly SourcedValue[])[] {
  return config.parsed.sections
    .filter((section) => section.name === name)
    .map(({ entries }) =>
      entries
        .filter(({ key, value }) => keys.includes(key) && /[.:]/.test(value))
        .map((entry) => sourcedValue(config, entry)),
    );
}

function otherFamily(config: NetworkdConfig, name: string, keys: readonly string[]): readonly Complaint[] {
  return sectionsWith(config, name, keys).flatMap(([first, ...more]) => {
    if (first === undefined) return [];
    return more
      .filter((setting) => family(setting) !== family(first))
      .map((setting) => {
        const message = `${setting.key}=${setting.value} and ${first.key}=${first.value} are of different address families`;
        return about(setting, message, `write one [${name}] for each`);
      });
  });
}

const last = (config: NetworkdConfig, key: string): SourcedValue | undefined => valuesOf(config, 'Network', key).at(-1);
const isYes = (setting: SourcedValue | undefined): boolean => /^(1|yes|y|true|t|on)$/i.test(setting?.value ?? '');

const conflicts: readonly Conflict[] = [
  (config) => otherFamily(config, 'Address', ['Address', 'Peer']),
  (config) => otherFamily(config, 'Route', ['Destination', 'Source', 'PreferredSource']),
  // An IPv4 subnet behind an IPv6 gateway is possible.
  (config) =>
    sectionsWith(config, 'Route', ['Destination', 'Source', 'PreferredSource', 'Gateway']).map((setting) => {
      const gateway = setting.findLast(({ key }) => key === 'Gateway');
      const other = setting.find(({ key }) => key !== 'Gateway');
      if (!gateway || !other || family(gateway) === 'ipv6' || family(other) === 'ipv4') return undefined;
      const message = `Gateway=${gateway.value} is an IPv4 address, and the route is of IPv6 (${placeOf(other, gateway)})`;
      return about(gateway, message, 'write an IPv6 address');
    }),
  (config) => {
    const linkLocal = last(config, 'LinkLocalAddressing');
    if (linkLocal === undefined || isYes(linkLocal) || linkLocal.value === 'ipv6') return [];
    const dhcp = last(config, 'DHCP');
    const asking = [
      ...(dhcp && (isYes(dhcp) || ['ipv6', 'v6', 'both'].includes(dhcp.value)) ? [dhcp] : []),
      ...[last(config, 'IPv6AcceptRA')].filter((setting) => setting !== undefined).filter(isYes),
    ];
    return asking.map((setting) => {
      const message = `${setting.key}=${setting.value} needs link-local addresses of IPv6, and LinkLocalAddressing=${linkLocal.value} has none (${placeOf(linkLocal, setting)})`;
      return about(setting, message, setting.key === 'DHCP' ? 'write DHCP=ipv4' : `write ${setting.key}=no`);
    });
  },
  (config) => {
    const server = last(config, 'DHCPServer');
    const addresses = [...valuesOf(config, 'Network', 'Address'), ...valuesOf(config, 'Address', 'Address')];
    const isStatic = addresses.some(
      (setting) => family(setting) === 'ipv4' && !/^(127|169\.254)\./.test(setting.value),
    );
    const isSpecified = valuesOf(config, 'DHCPServer', 'ServerAddress').length > 0;
    if (server === undefined || !isYes(server) || isStatic || isSpecified) return [];
    return [about(server, 'DHCPServer=yes needs a static IPv4 address, which is missing', 'write Address=')];
  },
  (config) =>
    sectionsWith(config, 'Address', ['Address']).flatMap((setting) => {
      const section = config.parsed.sections.find(({ entries }) =>
        entries.some(({ line }) => line === setting[0]?.line),
      );
      const extra = section?.entries.filter(({ key, value }) => ['Label', 'Broadcast'].includes(key) && value !== '');
      if (setting[0] === undefined || family(setting[0]) === 'ipv4') return [];
      return (extra ?? []).map((entry) =>
        about(sourcedValue(config, entry), `${entry.key}= belongs to an IPv4 address`, 'remove the line'),
      );
    }),
  (config) => {
    const [first, ...more] = valuesOf(config, 'NetDev', 'Kind').filter(({ value }) => netdevKinds.has(value));
    const other = more.find(({ value }) => value !== first?.value);
    if (first === undefined || other === undefined) return [];
    return [about(other, `Kind=${other.value}: the file has Kind=${first.value} too`, 'write one of them')];
  },
];

const conflicting: LintCheck = {
  code: 'networkd-conflict',
  severity: 'error',
  find: (subject) =>
    networkdFiles(subject).flatMap((config) =>
      conflicts.flatMap((rule) => rule(config).filter((complaint) => complaint !== undefined)),
    ),
};

export const networkdRules: readonly LintCheck[] = [...valueChecks, otherKind, incomplete, conflicting];
