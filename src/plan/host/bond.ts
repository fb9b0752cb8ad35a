/** Several NICs as one link. Source: the kernel's Documentation/networking/bonding.rst */
import { KvmnetError } from '../../errors.ts';
import { suggestion } from '../../values/nearest.ts';
import type { State } from '../../state/state.ts';
import type { Plan } from '../step.ts';
import { invalidWithHint } from '../../values/invalid.ts';
import { parseNewDeviceName } from '../../values/name.ts';
import { parseInteger } from '../../values/number.ts';
import { asPorts } from './bridge.ts';
import { hostOf, kindText } from './find-link.ts';
import { lossesOfPorts } from './link-delete.ts';
import { linkSteps } from './link-step.ts';
import { findPort, requireNoAddresses } from './port-check.ts';

export interface BondOptions {
  readonly name: string;
  readonly nics: readonly string[];
  /** active-backup when left out. */
  readonly mode?: BondMode | undefined;
  /** Milliseconds between two looks at the NICs' links; 100 when left out. */
  readonly miimon?: number | undefined;
  /** The NIC that carries the traffic whenever it can. */
  readonly primary?: string | undefined;
}

/** In the order of the kernel's numbers for them. */
export const bondModes = [
  'balance-rr',
  'active-backup',
  'balance-xor',
  'broadcast',
  '802.3ad',
  'balance-tlb',
  'balance-alb',
] as const;
export type BondMode = (typeof bondModes)[number];

/** Modes that send by one NIC at a time, or may: only these have a primary. */
const withPrimary: readonly string[] = ['active-backup', 'balance-tlb', 'balance-alb'];

/** Requirements of the switch at the other end. */
const needsOfSwitch: Readonly<Record<string, string>> = {
  '802.3ad': 'its ports must be one LACP group on the switch: without it one NIC carries all',
  'balance-rr':
    'its ports must be one static link aggregation on the switch: without it guests are found now here, now there',
  'balance-xor':
    'its ports must be one static link aggregation on the switch: without it guests are found now here, now there',
  broadcast: 'every frame goes out by every NIC: they must lead to networks that are apart',
  'balance-alb':
    'it answers ARP with the MAC addresses of its NICs: behind a bridge that breaks the guests; active-backup does not',
};

/**
 * Creates a bond of NICs, which get its MAC address: the MAC address of the first NIC.
 * @throws INPUT, NOTFOUND; CONFLICT for NICs that have addresses or are ports already, and for a name that is taken
 */
export function planBondCreate(options: BondOptions, state: State): Plan {
  const { name, nics, mode = 'active-backup', miimon = 100 } = options;
  const host = hostOf(state);
  const current = host.links.find((link) => link.name === name);
  if (!current) parseNewDeviceName(name, 'NAME', 'a name of a bond', 'bond0');
  if (current && current.bond?.mode !== mode) {
    throw new KvmnetError(
      'CONFLICT',
      `${name} already exists (${current.bond ? `a bond of mode ${current.bond.mode}` : kindText(current)})`,
      {
        hint: 'give the bond another name',
      },
    );
  }
  const ports = [...new Set(nics)].map((nic) => findPort(nic, name, state));
  for (const port of ports) {
    if (port.kind === 'bond')
      throw new KvmnetError('INPUT', `${port.name} is a bond, and a bond cannot be a port of another`, {
        hint: 'name its NICs',
      });
    requireNoAddresses(port, name, `take it away first: ip address flush dev ${port.name}`);
  }
  const primary = parsePrimary(options.primary, nics, mode);
  const bond = { mode, miimon, active: undefined, primary };
  const title = `create bond ${name} of ${ports.map((port) => port.name).join(', ')}`;
  const wanted = { [name]: { kind: 'bond', bond, up: true }, ...asPorts(ports, name) };
  const [first, ...others] = ports;
  const losses = lossesOfPorts(ports, name, state);
  const warnings = [
    ...losses.warnings,
    ...(first && others.length === 0 && !current
      ? [`${first.name} alone makes no link that survives it: name a second NIC`]
      : []),
    ...(needsOfSwitch[mode] === undefined || current ? [] : [`${mode}: ${needsOfSwitch[mode]}`]),
  ];
  return { title, steps: linkSteps(title, wanted, host), warnings, consent: losses.consent };
}

const monitorInterval = { min: 0, max: 60_000, what: 'a time in milliseconds', example: '100' };

export function parseMiimon(value: string, origin = '--miimon'): number {
  return parseInteger(value, origin, monitorInterval);
}

/** @throws INPUT with the name that a number, or a slip, stands for */
export function parseBondMode(value: string, origin = '--mode'): BondMode {
  const mode = bondModes.find((each) => each === value);
  if (mode !== undefined) return mode;
  const meant = bondModes[/^[0-6]$/.test(value) ? Number(value) : -1];
  const hint =
    meant === undefined ? suggestion(value, bondModes, `modes: ${bondModes.join(', ')}`) : `write ${origin} ${meant}`;
  throw invalidWithHint(origin, value, 'a bond has no such mode', hint);
}

function parsePrimary(primary: string | undefined, nics: readonly string[], mode: string): string | undefined {
  if (primary === undefined) return undefined;
  if (!nics.includes(primary)) {
    throw invalidWithHint('--primary', primary, 'it is none of the NICs of the bond', `name one of ${nics.join(', ')}`);
  }
  if (withPrimary.includes(mode)) return primary;
  throw invalidWithHint(
    '--primary',
    primary,
    `${mode} uses all NICs equally`,
    `omit it, or use --mode ${withPrimary[0] ?? ''}`,
  );
}
