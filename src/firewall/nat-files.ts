/** The files of port forwards and source NAT: the desired state, and the files that restore the rules without kvmnet. */
import type { NatBackend, NatRules } from '../records/nat.ts';
import type { Family } from '../values/address.ts';
import { admittedEntries } from './admitted.ts';
import { families, tableFamilies } from './nat-home.ts';
import { libvirtTransactions, natTransactions } from './nat-text.ts';
import { localDevices } from './nat.ts';

/** A text file of root's; undefined: it is not to exist. */
export interface NatFile {
  readonly path: string;
  readonly text: string | undefined;
  readonly mode: number;
  /** Where its path is a symbolic link: where that leads to. */
  readonly link?: string;
}

const directory = '/etc/kvmnet';

/** The desired forwards and source NAT; only kvmnet reads it. */
export const natPath = `${directory}/nat.json`;
/** libvirt calls it with each start of a network. @see https://libvirt.org/hooks.html */
const hookPath = '/etc/libvirt/hooks/network.d/kvmnet';
/** The rules of each backend. */
export const rulePaths = {
  iptables: [`${directory}/nat.iptables`, `${directory}/nat.ip6tables`],
  nftables: [`${directory}/nat.nft`, ...families.map((family) => libvirtPath(family))],
} as const satisfies Readonly<Record<NatBackend, readonly string[]>>;

function libvirtPath(family: Family): string {
  return `${directory}/nat.nft.${tableFamilies[family]}`;
}

const unitPath = '/etc/systemd/system/kvmnet-nat.service';
const wantsPath = '/etc/systemd/system/multi-user.target.wants/kvmnet-nat.service';
/** Settings of the kernel at boot. @see sysctl.d(5) */
export const sysctlPath = '/etc/sysctl.d/60-kvmnet-nat.conf';

/** The texts of templates/nat: the hook, and systemd's unit. */
export interface NatTemplates {
  readonly hook: string;
  readonly unit: string;
}

/**
 * Returns all files, in the order in which they are written: the files that restore rules come after the rules.
 * @param sysctls to be set at boot, by sysctl(8)'s names
 */
export function natFiles(
  rules: NatRules,
  {
    backend,
    templates,
    sysctls,
  }: { readonly backend: NatBackend; readonly templates: NatTemplates } & {
    readonly sysctls: Readonly<Record<string, string>>;
  },
): readonly NatFile[] {
  const isEmpty = rules.forwards.length === 0 && rules.sources.length === 0;
  const text = (written: string): string | undefined => (isEmpty || written === '' ? undefined : written);
  const transactions = natTransactions(rules, backend, undefined);
  const of = (program: string): string =>
    transactions
      .filter((each) => each.program === program)
      .map((each) => each.text)
      .join('');
  const libvirts = backend === 'nftables' ? libvirtTransactions(rules) : undefined;
  const settings = Object.entries(sysctls).map(([name, value]) => `${name} = ${value}\n`);
  const secret = 0o600;
  return [
    { path: natPath, text: text(formatNat(rules)), mode: secret },
    { path: `${directory}/nat.iptables`, text: text(of('iptables-restore')), mode: secret },
    { path: `${directory}/nat.ip6tables`, text: text(of('ip6tables-restore')), mode: secret },
    { path: `${directory}/nat.nft`, text: text(of('nft')), mode: secret },
    ...families.map((family) => ({
      path: libvirtPath(family),
      text: text(libvirts?.[family] ?? ''),
      mode: secret,
    })),
    { path: `${directory}/nat.admitted`, text: text(linesOf(admittedEntries(rules))), mode: secret },
    { path: `${directory}/nat.devices`, text: text(linesOf(localDevices(rules.forwards))), mode: secret },
    { path: sysctlPath, text: text(settings.join('')), mode: 0o644 },
    { path: hookPath, text: text(templates.hook), mode: 0o755 },
    { path: unitPath, text: text(templates.unit), mode: 0o644 },
    { path: wantsPath, text: text(templates.unit), mode: 0o644, link: unitPath },
  ];
}

function linesOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

function formatNat(rules: NatRules): string {
  return `${JSON.stringify({ version: 1, ...rules }, undefined, 2)}\n`;
}
