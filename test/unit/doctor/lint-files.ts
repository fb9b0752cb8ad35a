import { lint } from '../../../src/doctor/lint/lint.ts';
import { formatOf, readConfig, type Config } from '../../../src/config/config.ts';
import type { ConfigFacts } from '../../../src/config/facts.ts';

export function config(path: string, text: string, mode?: string): Config {
  const file = { path, text, ...(mode === undefined ? {} : { mode: Number.parseInt(mode, 8) }) };
  return readConfig(file, formatOf(file)!);
}

export const absent: ConfigFacts = {
  managers: {
    NetworkManager: 'absent',
    'systemd-networkd': 'absent',
    networking: 'absent',
    network: 'absent',
    wicked: 'absent',
  },
  hasBrctl: false,
  ifupdownMakesBridges: false,
  scriptsCallBrctl: false,
};

export const enabled = (...names: readonly (keyof ConfigFacts['managers'])[]): ConfigFacts => ({
  ...absent,
  managers: { ...absent.managers, ...Object.fromEntries(names.map((name) => [name, 'enabled'])) },
});

export const S = '/etc/sysconfig/network-scripts/ifcfg-';
export const I = '/etc/network/interfaces';
export const N = '/etc/systemd/network/';
export const K = '/etc/NetworkManager/system-connections/';
export const P = '/etc/netplan/50.yaml';

/** `CODE PATH:LINE` of all that is found. */
export function found(files: Readonly<Record<string, string>>, facts?: ConfigFacts): readonly string[] {
  const configs = Object.entries(files).map(([path, text]) => config(path, text));
  return lint(configs, facts).map(({ code, path, line }) => `${code} ${path}:${line}`);
}

export const ethernet = '[connection]\nid=a\ntype=ethernet\n';
export const bond = (options: string, mode = 'active-backup'): string =>
  `[connection]\nid=a\ntype=bond\ninterface-name=a\n[bond]\nmode=${mode}\n${options}\n`;
export const network = (line: string): string => `[Match]\nName=a\n[Network]\n${line}\n`;
