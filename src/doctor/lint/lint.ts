/** All checks of configuration files, and what they find. */
import { configsOf, type Config } from '../../config/config.ts';
import { devicesOf } from '../../config/devices.ts';
import type { ConfigFacts } from '../../config/facts.ts';
import { stanzasByDevice } from '../../config/ifupdown/read.ts';
import { groupBy } from '../../values/group-by.ts';
import type { Complaint, LintCheck, LintFinding, LintSubject } from './check.ts';
import { fileChecks } from './files.ts';
import { ifcfgChecks } from './ifcfg.ts';
import { commentChecks, commentIn, methodChecks } from './ifupdown/methods.ts';
import { interfaceValueChecks } from './ifupdown/values.ts';
import { interfacesChecks } from './ifupdown/interfaces.ts';
import { keyfileChecks } from './networkmanager/keyfile.ts';
import { keyChecks } from './keys.ts';
import { managerChecks } from './managers.ts';
import { netplanChecks } from './netplan/netplan.ts';
import { networkdChecks } from './networkd/networkd.ts';
import { relationChecks } from './relations.ts';
import { textChecks } from './text.ts';
import { unknownKeyChecks } from './unknown-keys.ts';
import { valueChecks } from './values.ts';

/** Checks of what is in the files. */
const contentChecks: readonly LintCheck[] = [
  ...textChecks,
  ...keyChecks,
  ...unknownKeyChecks,
  ...valueChecks,
  ...relationChecks,
  ...ifcfgChecks,
  ...interfacesChecks,
  ...methodChecks,
  ...interfaceValueChecks,
  ...keyfileChecks,
  ...networkdChecks,
  ...netplanChecks,
  ...managerChecks,
];

export const lintChecks: readonly LintCheck[] = [...fileChecks, ...commentChecks, ...contentChecks];

/**
 * Every mistake in files that belong together, by file and line. What a file means depends on the others: give all of a host's, and choose among
 * the findings afterwards.
 * @param facts of the host that the files are for; without them its programs are not checked
 */
export function lint(configs: readonly Config[], facts?: ConfigFacts): readonly LintFinding[] {
  const misplaced = run(fileChecks, { configs, facts });
  const readable = configs.filter(({ file }) => !misplaced.some(({ path }) => path === file.path));
  const findings = [
    ...misplaced,
    ...run(commentChecks, { configs: readable, facts }),
    ...run(contentChecks, subjectOf(readable.map(withoutComments), facts)),
  ];
  const order = new Map(configs.map(({ file }, index) => [file.path, index]));
  const place = ({ path }: LintFinding): number => order.get(path) ?? configs.length;
  return findings.sort((a, b) => place(a) - place(b) || a.line - b.line);
}

/** As the author of a file of ifupdown meant it. */
function withoutComments(config: Config): Config {
  if (config.format !== 'ifupdown') return config;
  const ifaces = config.parsed.ifaces.map((iface) => ({
    ...iface,
    options: iface.options.map((option) => {
      const comment = commentIn(option.key, option.value);
      return comment === undefined ? option : { ...option, value: option.value.slice(0, -comment.length).trim() };
    }),
  }));
  return { ...config, parsed: { ...config.parsed, ifaces } };
}

function subjectOf(configs: readonly Config[], facts: ConfigFacts | undefined): LintSubject {
  return { configs, facts, devices: devicesOf(configs), interfaces: stanzasByDevice(configsOf(configs, 'ifupdown')) };
}

function run<Subject>(checks: readonly LintCheck<Subject>[], subject: Subject): readonly LintFinding[] {
  return checks.flatMap(({ code, severity, find }) =>
    [...groupBy(find(subject), ({ path }) => path).values()]
      .flatMap(capped)
      .map((complaint) => ({ code, severity, ...complaint })),
  );
}

/** Maximum number of findings of one kind in one file that are reported one by one. */
const mostAlike = 100;

function capped(complaints: readonly Complaint[]): readonly Complaint[] {
  const [next, ...more] = complaints.slice(mostAlike);
  if (next === undefined || more.length === 0) return complaints;
  const message = `${String(more.length + 1)} more findings of this kind`;
  return [...complaints.slice(0, mostAlike), { ...next, message, remedy: 'repair the first ones, and run it again' }];
}
