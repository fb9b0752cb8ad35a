/** [Match] of systemd-networkd: which devices a .network file is for. Sources: systemd.network(5); net_match_config() of systemd 252. */
import { wordsOf, type SourcedValue } from '../device.ts';
import { globMatches } from '../../values/glob.ts';
import type { NetworkdUnit } from './units.ts';

/** A device, as far as [Match] can be held against it before it exists. */
export interface MatchSubject {
  readonly name: string;
  /** As in Kind=; `ether` for a NIC. */
  readonly kind: string;
  /** Its own or inherited MAC addresses. */
  readonly macs: readonly string[];
}

/** The names that a .network file is for; one `!` in front inverts the whole list. */
export function matchedNames(unit: NetworkdUnit): readonly SourcedValue[] {
  const words = unit.values('Match', 'Name').flatMap((setting) => wordsOf(setting));
  const isInverted = words[0]?.value.startsWith('!') === true;
  return isInverted ? words.map((setting) => ({ ...setting, value: `!${setting.value.replace(/^!/, '')}` })) : words;
}

/** Conditions about the host and not about the device. */
const ofHost = 'Host Virtualization KernelCommandLine KernelVersion Credential Architecture Firmware'.split(' ');

type Condition = (words: readonly string[], subject: MatchSubject) => boolean;

const matchesAny = (words: readonly string[], text: string): boolean => {
  const patterns = words.map((word) => word.replace(/^!/, ''));
  return patterns.some((pattern) => globMatches(pattern, text)) !== (words[0]?.startsWith('!') === true);
};

const conditions: Readonly<Record<string, Condition>> = {
  Name: (words, { name }) => matchesAny(words, name),
  Type: (words, { kind }) => matchesAny(words, kind),
  Kind: (words, { kind }) => matchesAny(words, kind === 'ether' ? '' : kind),
  MACAddress: (words, { macs }) => words.some((word) => macs.includes(word.toLowerCase())),
};

/** True if all conditions hold. Properties of hardware, such as Driver=, do not hold for a device that a file creates. */
export function isFor(unit: NetworkdUnit, subject: MatchSubject): boolean {
  const otherKeys = unit.keys('Match').filter((key) => !ofHost.includes(key));
  if (otherKeys.length === 0) return false;
  return otherKeys.every((key) => {
    const words = unit.values('Match', key).flatMap((each) => wordsOf(each).map(({ value }) => value));
    return words.length === 0 || conditions[key]?.(words, subject) === true;
  });
}

/** The MAC addresses that a file matches by. */
export function matchedMacs(unit: NetworkdUnit): readonly SourcedValue[] {
  return unit.values('Match', 'MACAddress').flatMap((setting) => wordsOf(setting));
}
