import type { Check } from '../../doctor/check.ts';
import { doctorChecks } from '../../doctor/checks.ts';
import { examine, neededFacts, type Examination } from '../../doctor/examine.ts';
import { KvmnetError } from '../../errors.ts';
import { suggestion } from '../../values/nearest.ts';
import type { Result } from '../command.ts';
import type { Context } from '../context.ts';
import { readFacts } from '../explain/doctor-facts.ts';
import { applyFixes, fixesOf, type Fix } from '../explain/doctor-fix.ts';
import { flag, typed } from '../options.ts';
import { checkColumns, examinationText, findingColumns, findingView } from '../views/explain/doctor.ts';

export const command = typed({
  arguments: [
    {
      name: '[CODE...]',
      description: 'Checks to run (default: all)',
      completes: doctorChecks.map(({ code }) => code),
    },
  ],
  options: {
    list: flag('--list', 'List the checks instead of running them'),
    fix: flag('--fix', 'Run the remedies that are safe, after showing them and asking'),
  },
  columns: findingColumns,
  description:
    'Checks daemons, networks, VMs, bridges, addresses, firewall, forwards and configuration files. Each finding has a code, the evidence ' +
    'and the command that removes it; docs/troubleshooting.md explains each code. A check that cannot be done is listed with the reason: ' +
    'only root can read the firewall, and without its daemon libvirt reports no networks. It changes nothing without --fix, whose changes ' +
    'kvmnet undo reverts. The exit status is 3 if anything is found.',
  examples: [
    ['doctor', 'Check this host'],
    ['doctor --fix', 'Repair what is safe to repair, and report what is left'],
    ['doctor subnet-overlap mac-twice', 'Run two of the checks'],
    ['doctor --list', 'List the checks with their codes'],
  ],
  async run(context, codes, { list, fix }) {
    const checks = selectChecks(codes);
    if (list) return listed(checks);
    const found = await examineHost(context, checks);
    if (!fix) return reported(found, checks);
    const fixes = fixesOf(found.findings);
    if (fixes.length === 0) return reported(found, checks, []);
    if (context.options.dryRun) {
      for (const { command: line } of fixes) context.say(`would run ${line}`);
      return reported(
        found,
        checks,
        fixes.map(({ command: line, codes: of }) => ({ command: line, codes: of })),
      );
    }
    const applied = await applyFixes(context, fixes);
    return reported(await examineHost(context, checks), checks, applied);
  },
});

/** @throws NOTFOUND for an unknown code */
function selectChecks(codes: readonly string[]): readonly Check[] {
  const known = doctorChecks.map(({ code }) => code);
  const unknown = codes.find((code) => !known.includes(code));
  if (unknown !== undefined) {
    throw new KvmnetError('NOTFOUND', `no check '${unknown}'`, {
      hint: suggestion(unknown, known, 'kvmnet doctor --list lists the checks'),
    });
  }
  return codes.length === 0 ? doctorChecks : doctorChecks.filter(({ code }) => codes.includes(code));
}

async function examineHost(context: Context, checks: readonly Check[]): Promise<Examination> {
  return examine(checks, await readFacts(context, neededFacts(checks)));
}

function listed(checks: readonly Check[]): Result {
  const value = checks.map(({ code, severity, title, explanation, example, needs }) => ({
    ...{ code, severity, title, explanation, example, needs },
  }));
  return { value, table: { rows: checks, columns: checkColumns } };
}

function reported(found: Examination, checks: readonly Check[], fixes?: readonly Fix[]): Result {
  const findings = found.findings.map(findingView);
  return {
    value: { findings, notChecked: found.notChecked, checks: checks.length, ...(fixes === undefined ? {} : { fixes }) },
    text: examinationText(found, checks.length),
    table: { rows: findings, columns: findingColumns, empty: 'no problems found' },
    status: findings.length > 0 ? 3 : 0,
  };
}
