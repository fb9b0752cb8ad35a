import { resolve } from 'node:path';
import type { LintFinding } from '../../../doctor/lint/check.ts';
import { lint } from '../../../doctor/lint/lint.ts';
import { KvmnetError } from '../../../errors.ts';
import {
  configFilesIn,
  observeConfigFiles,
  observeHostConfig,
  requireDirectory,
  type HostConfig,
} from '../../../observe/host-config.ts';
import { isOnThisMachine } from '../../../observe/uri.ts';
import { configFormats, type ConfigFormat } from '../../../config/config.ts';
import { suggestion } from '../../../values/nearest.ts';
import type { Column } from '../../command.ts';
import type { Context } from '../../context.ts';
import { parsed, text, typed } from '../../options.ts';
import { printable } from '../../../values/printable.ts';
import { quoted } from '../../../values/quoted.ts';

const columns: readonly Column<LintFinding>[] = [
  { heading: 'File', cell: ({ path }) => path },
  { heading: 'Line', cell: ({ line }) => line },
  { heading: 'Severity', cell: ({ severity }) => severity },
  { heading: 'Code', cell: ({ code }) => code },
  { heading: 'What', cell: ({ message }) => message },
  { heading: 'Remedy', cell: ({ remedy }) => remedy },
];

export const command = typed({
  arguments: [
    {
      name: '[FILES...]',
      description: "Files or directories to check (default: this host's files)",
      completes: 'file',
    },
  ],
  options: {
    root: text('--root <DIR>', 'Check the host whose root directory is mounted on DIR', 'file'),
    format: parsed('--for <FORMAT>', `Format of FILES: ${configFormats.join(', ')}`, readFormat, configFormats),
  },
  description:
    'Checks /etc/network/interfaces, ifcfg files of network-scripts, NetworkManager profiles, systemd-networkd files and netplan, and ' +
    'prints each mistake with file, line and remedy. It finds what netplan, ifupdown, NetworkManager and systemd-networkd refuse or ' +
    'ignore, and what they accept although it does not work: duplicate addresses, gateways outside their subnet, ports without a ' +
    "bridge. SUSE's ifcfg files are listed, but not checked. docs/lint.md has all checks by manager. It changes nothing and asks no " +
    'daemon. The exit status is 3 if anything is found.',
  examples: [
    ['host lint', 'Check the configuration files of this host'],
    ['host lint /etc/sysconfig/network-scripts/ifcfg-br0', 'Check this file and the files that it depends on'],
    ['host lint --root /mnt', 'Check the files of a mounted image'],
    ['host lint draft.txt --for ifupdown', 'Check a file whose format is not obvious from its name'],
  ],
  run(context, files, { root, format }) {
    const given = files.length === 0 ? undefined : givenFiles(files, format);
    if (given && root !== undefined) {
      throw new KvmnetError('USAGE', '--root is for all files of a host, and files were named', {
        hint: 'leave one of them out',
      });
    }
    const observed = given ? observeConfigFiles([...given.values()], format) : [observeHost(context, root, format)];
    const isAsked = (path: string): boolean => given?.has(resolve(path)) ?? true;
    const findings = observed
      .flatMap(({ configs, facts }) => lint(configs, facts))
      .filter(({ path }) => isAsked(path))
      .map((finding) => ({ ...finding, path: given?.get(resolve(finding.path)) ?? finding.path }));
    const read = observed.flatMap(({ configs }) => configs.map(({ file }) => file.path)).filter(isAsked);
    const paths = given ? [...given.values()] : read;
    return Promise.resolve({
      value: { files: paths, findings },
      text: [...findings.map(findingText), summary(findings, paths.length)].join('\n'),
      table: { rows: findings, columns, empty: summary(findings, paths.length) },
      status: findings.length > 0 ? 3 : 0,
    });
  },
});

/** By their whole paths, as the user wrote them; a directory stands for its files. */
function givenFiles(names: readonly string[], format: ConfigFormat | undefined): ReadonlyMap<string, string> {
  const paths = names.flatMap((name) => {
    const inside = configFilesIn(name, format);
    if (inside === undefined) return [name];
    if (inside.length > 0) return inside;
    throw new KvmnetError('INPUT', `${name} has no configuration files`, {
      hint: `for a host whose root is mounted there: kvmnet host lint --root ${quoted(name)}`,
    });
  });
  return new Map(paths.map((path) => [resolve(path), path]));
}

function observeHost(context: Context, root: string | undefined, format: ConfigFormat | undefined): HostConfig {
  if (format !== undefined) {
    throw new KvmnetError('USAGE', '--for is the format of files, and none were named', {
      hint: 'name the files, or leave --for out',
    });
  }
  const { uri } = context.options;
  if (root === undefined && uri.includes('://') && !isOnThisMachine(uri)) {
    throw new KvmnetError('USAGE', `host lint only reads files of this machine, not of ${uri}`, {
      hint: 'run kvmnet host lint there, or here with -c qemu:///system',
    });
  }
  if (root !== undefined) requireDirectory(root, 'mount the image, and name its mount point');
  const observed = observeHostConfig(root);
  const { unreadable } = observed;
  if (unreadable.length > 0) context.warn([`not read, for only root may: ${unreadable.join(', ')}`]);
  return observed;
}

function readFormat(typed: string, origin: string): ConfigFormat {
  const format = configFormats.find((each) => each === typed);
  if (format) return format;
  throw new KvmnetError('USAGE', `${origin} ${typed}: unknown format`, {
    hint: suggestion(typed, configFormats, configFormats.join(', ')),
  });
}

/** In the format of compilers, so that editors can jump there. */
function findingText({ path, line, severity, message, remedy, code }: LintFinding): string {
  return `${printable(path)}:${line}: ${severity}: ${printable(message)} [${code}]\n  remedy: ${printable(remedy)}`;
}

function summary(findings: readonly LintFinding[], files: number): string {
  const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
  if (files === 0) return 'nothing found: no configuration files';
  if (findings.length === 0) return `nothing found: ${count(files, 'file')}`;
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const parts = [
    ...(errors > 0 ? [count(errors, 'error')] : []),
    ...(errors < findings.length ? [count(findings.length - errors, 'warning')] : []),
  ];
  return `${parts.join(' and ')} in ${count(files, 'file')}`;
}
