/** Runs checks on facts. */
import { severities, type Check, type Complaint, type Severity } from './check.ts';
import type { FactName, Facts, Readings } from './facts.ts';

/** A problem of the host; fields as in `--json`. */
export interface Finding extends Omit<Complaint, 'severity'> {
  readonly code: string;
  readonly severity: Severity;
}

/** A check that could not be done. */
export interface Unchecked {
  readonly code: string;
  readonly reason: string;
}

export interface Examination {
  /** The most severe first, and then in the order of the checks. */
  readonly findings: readonly Finding[];
  readonly notChecked: readonly Unchecked[];
}

/** The facts that these checks need. */
export function neededFacts(checks: readonly Check[]): ReadonlySet<FactName> {
  return new Set(checks.flatMap(({ needs }) => needs));
}

/** Runs each check whose facts were read; the others are reported, and never as fine. */
export function examine(checks: readonly Check[], readings: Readings): Examination {
  const findings: Finding[] = [];
  const notChecked: Unchecked[] = [];
  for (const check of checks) {
    const { code } = check;
    const facts = factsOf(check, readings);
    if ('reason' in facts) notChecked.push({ code, reason: facts.reason });
    else
      findings.push(
        ...check.find(facts.value).map((complaint) => ({ code, ...complaint, ...severityOf(check, complaint) })),
      );
  }
  return { findings: findings.toSorted(bySeverity), notChecked };
}

function severityOf({ severity }: Check, complaint: Complaint): Pick<Finding, 'severity'> {
  return { severity: complaint.severity ?? severity };
}

function bySeverity(a: Finding, b: Finding): number {
  return severities.indexOf(a.severity) - severities.indexOf(b.severity);
}

function factsOf({ needs }: Check, readings: Readings): { readonly value: Facts } | { readonly reason: string } {
  const values = new Map<FactName, unknown>();
  for (const name of needs) {
    const reading = readings[name] ?? { reason: `${name} was not read` };
    if ('reason' in reading) return reading;
    values.set(name, reading.value);
  }
  // A check gets no more than it needs, and its type lets it ask for no more.
  return { value: Object.fromEntries(values) as unknown as Facts };
}
