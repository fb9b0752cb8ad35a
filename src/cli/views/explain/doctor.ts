/** Findings of `kvmnet doctor` as people see them. */
import { severities, type Check, type Evidence, type Severity } from '../../../doctor/check.ts';
import type { Examination, Finding, Unchecked } from '../../../doctor/examine.ts';
import { groupBy } from '../../../values/group-by.ts';
import type { Column } from '../../command.ts';

const headings: Readonly<Record<Severity, string>> = { error: 'Errors', warning: 'Warnings', notice: 'Notices' };

/** A finding for programs: its remedy is a line for a shell. */
export function findingView({ code, severity, message, evidence, remedy }: Finding) {
  return { code, severity, message, evidence, remedy: remedy.command, fixable: remedy.fix !== undefined };
}

export type FindingView = ReturnType<typeof findingView>;

export const findingColumns: readonly Column<FindingView>[] = [
  { heading: 'Code', cell: ({ code }) => code },
  { heading: 'Severity', cell: ({ severity }) => severity },
  { heading: 'What', cell: ({ message }) => message },
  { heading: 'Remedy', cell: ({ remedy }) => remedy },
];

export const checkColumns: readonly Column<Check>[] = [
  { heading: 'Code', cell: ({ code }) => code },
  { heading: 'Severity', cell: ({ severity }) => severity },
  { heading: 'Title', cell: ({ title }) => title },
];

/** @param count of the checks that were selected */
export function examinationText({ findings, notChecked }: Examination, count: number): string {
  const groups = severities.flatMap((severity) => {
    const found = findings.filter((finding) => finding.severity === severity);
    return found.length === 0 ? [] : [`${headings[severity]}\n${found.map(findingText).join('\n')}`];
  });
  return [...groups, ...notCheckedText(notChecked), summary(findings, count - notChecked.length)].join('\n\n');
}

function findingText({ code, message, evidence, remedy }: Finding): string {
  const shown = evidenceText(evidence);
  return [
    `  ${message} [${code}]`,
    ...(shown === '' ? [] : [`    evidence: ${shown}`]),
    `    remedy: ${remedy.command}`,
  ].join('\n');
}

/** `device br0, setting stp, value 15`; what is empty is left out. */
function evidenceText(evidence: Evidence): string {
  return Object.entries(evidence)
    .map(([name, value]) => [name, Array.isArray(value) ? value.join(' ') : String(value)] as const)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

function notCheckedText(notChecked: readonly Unchecked[]): readonly string[] {
  if (notChecked.length === 0) return [];
  const reasons = [...groupBy(notChecked, ({ reason }) => reason)].map(
    ([reason, checks]) => `  ${reason}\n    ${checks.map(({ code }) => code).join(', ')}`,
  );
  return [`Not checked\n${reasons.join('\n')}`];
}

function summary(findings: readonly Finding[], done: number): string {
  const counted = (count: number, noun: string): string => `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
  const parts = severities.flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [counted(count, severity)];
  });
  const checks = `of ${counted(done, 'check')}`;
  if (parts.length > 0) return `${parts.join(', ')} ${checks}`;
  return done === 0 ? 'no check could be done' : `no problems found ${checks.replace('of', 'by')}`;
}
