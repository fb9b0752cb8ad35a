/** NetworkManager's rules for a profile: see keyfile-values.ts. Sources: nm-keyfile.c, nm-setting-connection.c, nm-setting-ip-config.c and the settings of each type in NetworkManager 1.42. */
import { configsOf, type ConfigOf } from '../../../config/config.ts';
import { sourcedValue, type SourcedValue } from '../../../config/device.ts';
import { sectionName } from '../../../config/networkmanager/read.ts';
import { about, type Complaint, type LintCheck, type LintSubject } from '../check.ts';
import { isAddressOf, keyfileRules, methods, portSections, profileTypes } from './values.ts';
import { valueCodes } from '../value-rules.ts';

/** A profile; of a key that comes twice the last one counts. */
interface Profile {
  readonly path: string;
  readonly entries: readonly (SourcedValue & { readonly section: string })[];
  readonly has: (section: string) => boolean;
  readonly at: (section: string, key: string) => SourcedValue | undefined;
}

function profileOf(config: ConfigOf<'networkmanager'>): Profile {
  const all = config.parsed.sections.flatMap(({ name, entries }) =>
    entries.map((entry) => ({ ...sourcedValue(config, entry), section: sectionName(name) })),
  );
  const lasts = new Map(all.map((entry) => [`${entry.section}.${entry.key}`, entry]));
  return {
    path: config.file.path,
    entries: [...lasts.values()],
    has: (section) => config.parsed.sections.some(({ name }) => sectionName(name) === section),
    at: (section, key) => lasts.get(`${section}.${key}`),
  };
}

/** A profile that cannot be parsed is refused for that. */
function profilesOf({ configs }: LintSubject): readonly Profile[] {
  return configsOf(configs, 'networkmanager').map(profileOf);
}

const valueChecks: readonly LintCheck[] = valueCodes.map((code) => ({
  code,
  severity: 'error',
  find: (subject) =>
    profilesOf(subject).flatMap(({ entries }) =>
      entries.flatMap((entry) => {
        const rule = keyfileRules.get(`${entry.section}.${entry.key}`);
        if (rule?.code !== code || rule.takes(entry.value)) return [];
        const message = `${entry.key}=${entry.value}: NetworkManager wants ${rule.wants} in [${entry.section}]`;
        return [about(entry, message, `write ${rule.wants}`)];
      }),
    ),
}));

interface Fault {
  readonly code: 'bad-address' | 'bad-netmask';
  readonly message: string;
}

interface AddressRead {
  readonly fault?: Fault;
  readonly gateway?: string | undefined;
}

/** `192.168.1.5/24,192.168.1.1`; a route has a metric behind it. All separators are equivalent. */
function readAddress({ key, value }: SourcedValue, family: string): AddressRead {
  const isRoute = key.startsWith('route');
  const fields = value.split(/[/;,]/);
  if (fields.length > 1 && fields.at(-1) === '') fields.pop();
  const [address = '', ...more] = fields;
  const length = /^\d+$/.test(more[0] ?? '') || more[0] === '' ? more.shift() : undefined;
  const [gateway = '', metric, ...garbage] = more;
  const bad = (message: string): AddressRead => ({ fault: { code: 'bad-address', message } });
  if (!isAddressOf(family)(address)) return bad(`${address} is not an address of ${family}`);
  if (garbage.length > 0 || (!isRoute && metric !== undefined)) return bad('too many fields');
  if (/[^\da-f:.%]/i.test(gateway)) return bad(`${gateway} is not an address`);
  const maxPrefix = family === 'ipv4' ? 32 : 128;
  if (length !== undefined && length !== '' && Number(length) > maxPrefix)
    return {
      fault: { code: 'bad-netmask', message: `a prefix of ${length} bits is too long: an address has ${maxPrefix}` },
    };
  if (!isRoute) return { gateway: gateway === '' ? undefined : gateway };
  // `fd00::/64,5` is what an old version wrote for a metric.
  const isMetric = family === 'ipv6' && metric === undefined && /^\d+$/.test(gateway);
  if (gateway !== '' && !isMetric && !isAddressOf(family)(gateway))
    return bad(`${gateway} is not an address of ${family}`);
  if (metric !== undefined && metric !== '' && (!/^\d+$/.test(metric) || Number(metric) > 0xffffffff))
    return bad(`${metric} is not a metric`);
  return {};
}

const families = ['ipv4', 'ipv6'] as const;

function addressesOf({ entries }: Profile, family: string): readonly (SourcedValue & AddressRead)[] {
  return entries
    .filter(({ section, key }) => section === family && /^(address(es)?|routes?)\d*$/.test(key))
    .map((entry) => ({ ...entry, ...readAddress(entry, family) }));
}

const addressChecks: readonly LintCheck[] = (['bad-address', 'bad-netmask'] as const).map((code) => ({
  code,
  severity: 'error',
  find: (subject) =>
    profilesOf(subject).flatMap((profile) =>
      families.flatMap((family) =>
        addressesOf(profile, family).flatMap((setting) => {
          if (setting.fault?.code !== code) return [];
          const message = `${setting.key}=${setting.value}: ${setting.fault.message}: NetworkManager does not use it`;
          return [about(setting, message, `write ${setting.key}=${example[family]}`)];
        }),
      ),
    ),
}));

const example = { ipv4: '192.168.132.2/24', ipv6: 'fd00::2/64' } as const;

interface Rule {
  readonly code: 'keyfile-incomplete' | 'keyfile-conflict';
  readonly find: (profile: Profile) => readonly (Complaint | undefined)[];
}

const start = ({ path }: Profile): Pick<SourcedValue, 'path' | 'line'> => ({ path, line: 1 });

/** Types of links that NetworkManager makes itself, and not without a name. */
const named = ['bridge', 'bond', 'team', 'dummy', 'veth', 'vrf', 'wireguard', 'ovs-bridge', 'ovs-port'];

/** Whether a profile is of a type, or has its section. */
function isOf({ at, has }: Profile, type: string): boolean {
  return has(type) || sectionName(at('connection', 'type')?.value ?? '') === type;
}

const rules: readonly Rule[] = [
  {
    code: 'keyfile-incomplete',
    find: (profile) => {
      // It is guessed from a section that only one type has.
      const isKnown =
        profile.at('connection', 'type') !== undefined || profileTypes.filter((type) => profile.has(type)).length === 1;
      return [isKnown ? undefined : about(start(profile), 'the profile has no type', 'write type= below [connection]')];
    },
  },
  {
    code: 'keyfile-incomplete',
    find: (profile) => {
      const kind = named.find((type) => isOf(profile, type));
      // Where it stood in old profiles.
      const old = profile.at('connection', 'type') && profile.at(kind ?? '', 'interface-name');
      const name = profile.at('connection', 'interface-name') ?? old;
      if (kind === undefined || name !== undefined) return [];
      return [about(start(profile), `a ${kind} needs interface-name=`, 'write interface-name= below [connection]')];
    },
  },
  {
    code: 'keyfile-incomplete',
    find: (profile) => {
      if (!isOf(profile, 'vlan') || profile.at('vlan', 'parent') || profile.at('ethernet', 'mac-address')) return [];
      return [about(start(profile), 'a VLAN needs parent=', 'write parent= with the name of the NIC below [vlan]')];
    },
  },
  {
    code: 'keyfile-incomplete',
    find: (profile) =>
      families
        .filter((family) => profile.has(family))
        .map((family) => {
          const method = profile.at(family, 'method');
          if (method === undefined) {
            const message = `[${family}] needs method=: NetworkManager refuses the profile`;
            return about(start(profile), message, `write method=auto below [${family}]`);
          }
          const isUsed = addressesOf(profile, family).some(
            ({ key, fault }) => key.startsWith('address') && fault?.code !== 'bad-address',
          );
          if (method.value !== 'manual' || isUsed) return undefined;
          const message = `method=manual in [${family}] needs an address: NetworkManager refuses the profile`;
          return about(method, message, `write address1=${example[family]} below it`);
        }),
  },
  {
    code: 'keyfile-conflict',
    find: (profile) =>
      families.flatMap((family) => {
        const method = profile.at(family, 'method');
        const without = family === 'ipv4' ? ['link-local', 'disabled'] : ['ignore', 'link-local', 'disabled'];
        const withoutNames = family === 'ipv4' ? [...without, 'shared'] : without;
        if (method === undefined || methods[family]?.includes(method.value) !== true) return [];
        const names = ['dns', 'dns-search']
          .flatMap((key) => profile.at(family, key) ?? [])
          .filter(({ value }) => value !== '');
        const addresses = addressesOf(profile, family).filter(
          ({ key, fault }) => key.startsWith('address') && fault?.code !== 'bad-address',
        );
        const extra = [
          ...(withoutNames.includes(method.value) ? names : []),
          ...(without.includes(method.value) ? addresses : []),
        ];
        return extra.map((setting) =>
          about(
            setting,
            `${setting.key} with method=${method.value} in [${family}]: NetworkManager refuses the profile`,
            `write another method, or remove ${setting.key}`,
          ),
        );
      }),
  },
  {
    code: 'keyfile-conflict',
    find: (profile) =>
      families.map((family) => {
        const gateway = profile.at(family, 'gateway');
        const isUsed = addressesOf(profile, family).some(
          ({ key, fault }) => key.startsWith('address') && fault?.code !== 'bad-address',
        );
        if (gateway === undefined || isUsed) return undefined;
        return about(
          gateway,
          `gateway=${gateway.value} without an address: NetworkManager refuses the profile`,
          'write address1= above it',
        );
      }),
  },
  {
    code: 'keyfile-conflict',
    find: (profile) =>
      families.flatMap((family) => {
        const behind = addressesOf(profile, family).find(
          ({ key, gateway }) => key.startsWith('address') && gateway !== undefined,
        );
        if (behind === undefined || profile.at(family, 'gateway') || isAddressOf(family)(behind.gateway ?? ''))
          return [];
        return [
          about(
            behind,
            `${behind.key}=${behind.value}: the gateway ${behind.gateway ?? ''} is not an address of ${family}`,
            'correct it',
          ),
        ];
      }),
  },
  {
    code: 'keyfile-conflict',
    find: (profile) => {
      const type = profile.at('connection', 'port-type') ?? profile.at('connection', 'slave-type');
      const section = portSections.get(type?.value ?? '');
      const other = [...portSections.values()].find(
        (each) => each !== undefined && each !== section && profile.has(each),
      );
      if (type === undefined || other === undefined) return [];
      return [
        about(
          type,
          `${type.key}=${type.value} with a section [${other}]: NetworkManager refuses the profile`,
          'remove one of them',
        ),
      ];
    },
  },
  {
    code: 'keyfile-conflict',
    find: (profile) => {
      const delay = profile.at('bridge', 'forward-delay');
      const isOff = /^(false|0)$/.test(profile.at('bridge', 'stp')?.value ?? '');
      if (delay === undefined || !(isOff ? ['1'] : ['0', '1']).includes(delay.value)) return [];
      const message = `forward-delay=${delay.value}: the minimum is 2 seconds${isOff ? ', or 0' : ' with STP'}`;
      return [about(delay, message, isOff ? 'write 0' : 'write 2 or more, or stp=false')];
    },
  },
  {
    code: 'keyfile-conflict',
    find: (profile) => {
      const mode = profile.at('bond', 'mode');
      const primary = profile.at('bond', 'primary');
      const isOne = ['active-backup', 'balance-tlb', 'balance-alb', '1', '5', '6'].includes(mode?.value ?? '');
      const delays = ['updelay', 'downdelay'].flatMap((key) => profile.at('bond', key) ?? []);
      return [
        primary && !isOne ? about(primary, 'primary needs mode=active-backup', 'write mode=active-backup') : undefined,
        ...delays
          .filter(({ value }) => Number(value) > 0 && /^0+$/.test(profile.at('bond', 'miimon')?.value ?? ''))
          .map((delay) => about(delay, `${delay.key} needs miimon`, 'write miimon=100')),
      ];
    },
  },
];

const ruleChecks: readonly LintCheck[] = rules.map(({ code, find }) => ({
  code,
  severity: 'error',
  find: (subject) => profilesOf(subject).flatMap((profile) => find(profile).filter((each) => each !== undefined)),
}));

export const keyfileProfileChecks: readonly LintCheck[] = [...valueChecks, ...addressChecks, ...ruleChecks];
