/** Settings of a bridge of the host. */
import { KvmnetError } from '../../errors.ts';
import { nearest } from '../../values/nearest.ts';
import type { State } from '../../state/state.ts';
import type { Link } from '../../records/link.ts';
import type { Plan } from '../step.ts';
import { invalid, show } from '../../values/invalid.ts';
import { parseMac } from '../../values/mac.ts';
import { parseInteger, parseMtu, type Bounds } from '../../values/number.ts';
import { shortestDelay, stpWarning } from './bridge.ts';
import { filteringOn } from './bridge-vlan.ts';
import { findOwnBridge, hostOf } from './find-link.ts';
import type { WantedLink } from '../../records/desired-link.ts';
import { linkSteps } from './link-step.ts';
import { quoted } from '../../values/quoted.ts';

type Settings = NonNullable<WantedLink['bridge']>;

/** The settings, with their description; times are in seconds. Bounds: the kernel's (net/bridge/br_private.h and br_stp_if.c). */
export const bridgeSettings = {
  stp: 'on or off',
  'forward-delay': 'seconds that a new port listens, and then learns, before it forwards frames; with STP 2 to 30',
  'hello-time': 'seconds between two messages of STP, 1 to 10',
  'max-age': 'seconds until STP forgets the root bridge, 6 to 40',
  'ageing-time': 'seconds until the bridge forgets a MAC address',
  priority: 'for the choice of the root bridge: 0 to 61440 in steps of 4096, the lowest wins',
  mac: 'the MAC address of the bridge itself',
  mtu: 'the longest packet, in bytes',
  'vlan-filtering': 'on or off: whether the bridge separates its ports by VLAN',
} as const;

type Key = keyof typeof bridgeSettings;

/** The names that brctl, iproute2, systemd-networkd and /sys have for them. */
const synonyms: Readonly<Record<string, Key>> = {
  stp_state: 'stp',
  setfd: 'forward-delay',
  fd: 'forward-delay',
  forward_delay: 'forward-delay',
  forwarddelaysec: 'forward-delay',
  sethello: 'hello-time',
  hello: 'hello-time',
  hello_time: 'hello-time',
  setmaxage: 'max-age',
  maxage: 'max-age',
  max_age: 'max-age',
  setageing: 'ageing-time',
  ageing: 'ageing-time',
  ageing_time: 'ageing-time',
  'aging-time': 'ageing-time',
  setbridgeprio: 'priority',
  bridgeprio: 'priority',
  address: 'mac',
  hwaddress: 'mac',
  vlan_filtering: 'vlan-filtering',
};

/**
 * Changes settings of a bridge, each given as `key=value`.
 * @throws USAGE for an unknown key; INPUT for a value; CONFLICT for a bridge of others
 */
export function planBridgeSet(name: string, pairs: readonly string[], state: State): Plan {
  const parsed = pairs.map(parsePair);
  const twice = parsed.find(([key], index) => parsed.some(([other], place) => other === key && place < index));
  if (twice) throw new KvmnetError('USAGE', `${twice[0]} is given twice`, { hint: 'omit one of them' });
  const bridge = findOwnBridge(name, state, (network) => `kvmnet net set ${quoted(network)}`);
  const wanted = parsed.map(([key, value]) => wantedOf(key, value));
  const settings: Settings = Object.assign({}, ...wanted.map((each) => each.bridge ?? {})) as Settings;
  const link: WantedLink = Object.assign({}, ...wanted, { bridge: settings }) as WantedLink;
  refuseTogether(settings, bridge);
  const title = `set ${parsed.map(([key, value]) => `${key}=${value}`).join(' ')} on bridge ${name}`;
  const filtering = settings.vlanFiltering === true ? filteringOn(bridge, state) : undefined;
  const warnings = settings.stp === true && !bridge.bridge?.stp ? [stpWarning(name)] : [];
  return {
    title,
    steps: [...linkSteps(title, { [name]: link }, hostOf(state)), ...(filtering?.steps ?? [])],
    warnings: [...warnings, ...(filtering?.warnings ?? [])],
    consent: [],
  };
}

function parsePair(pair: string): readonly [Key, string] {
  const [, typed, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
  if (typed === undefined || value === undefined) {
    throw new KvmnetError('USAGE', `${show(pair)} is not KEY=VALUE`, {
      hint: `for example stp=off; keys: ${Object.keys(bridgeSettings).join(', ')}`,
    });
  }
  if (isKey(typed)) return [typed, value];
  const known = synonyms[typed.toLowerCase()];
  const close = known === undefined ? nearest(typed, Object.keys(bridgeSettings)) : [known];
  throw new KvmnetError('USAGE', `a bridge has no setting ${show(typed)}`, {
    hint:
      close.length > 0
        ? `write ${close.map((key) => `${key}=${value}`).join(' or ')}`
        : `settings: ${Object.keys(bridgeSettings).join(', ')}`,
  });
}

function isKey(text: string): text is Key {
  return Object.hasOwn(bridgeSettings, text);
}

function wantedOf(key: Key, value: string): Pick<WantedLink, 'bridge' | 'mac' | 'mtu'> {
  switch (key) {
    case 'stp':
      return { bridge: { stp: parseSwitch(value, key) } };
    case 'vlan-filtering':
      return { bridge: { vlanFiltering: parseSwitch(value, key) } };
    case 'forward-delay':
      return { bridge: { forwardDelay: parseSeconds(value, key, 0, 30, '4') } };
    case 'hello-time':
      return { bridge: { helloTime: parseSeconds(value, key, 1, 10, '2') } };
    case 'max-age':
      return { bridge: { maxAge: parseSeconds(value, key, 6, 40, '20') } };
    case 'ageing-time':
      return { bridge: { ageingTime: parseSeconds(value, key, 0, 1_000_000, '300') } };
    case 'priority':
      return { bridge: { priority: parsePriority(value) } };
    case 'mac':
      return { mac: parseMac(value, key) };
    case 'mtu':
      return { mtu: parseMtu(value, key) };
  }
}

/** `on` or `off`. */
export function parseSwitch(value: string, origin: string): boolean {
  if (value === 'on' || value === 'off') return value === 'on';
  const meant = /^(1|yes|true|enable)$/i.test(value) ? 'on' : 'off';
  throw invalid(origin, value, 'it is on or off', origin === 'STATE' ? meant : `${origin}=${meant}`);
}

function parseSeconds(value: string, origin: string, min: number, max: number, example: string): number {
  const bounds: Bounds = { min, max, what: 'a time in seconds', example: `${origin}=${example}` };
  return parseInteger(value, origin, bounds);
}

/** IEEE 802.1D-2004, 9.2.5: the lower twelve bits are a VLAN's number with other protocols. */
function parsePriority(value: string): number {
  const example = 'priority=32768';
  const number = parseInteger(value, 'priority', { min: 0, max: 61_440, what: 'a priority', example });
  if (number % 4096 === 0) return number;
  throw invalid('priority', value, 'a priority must be a multiple of 4096', example);
}

/** With STP the kernel refuses a delay below two seconds. */
function refuseTogether(settings: Settings, { bridge }: Link): void {
  const { stp = bridge?.stp ?? false, forwardDelay } = settings;
  if (!stp || forwardDelay === undefined || forwardDelay >= shortestDelay) return;
  throw invalid(
    'forward-delay',
    String(forwardDelay),
    `with STP it is ${String(shortestDelay)} to 30`,
    `forward-delay=${String(shortestDelay)}`,
  );
}
