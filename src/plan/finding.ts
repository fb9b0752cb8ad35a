import { KvmnetError, type ErrorCode } from '../errors.ts';
import type { Plan } from './step.ts';

/** A result of a check of a definition. */
export interface Finding {
  /** An error refuses it, consent asks the user first, a warning is only printed. */
  readonly severity: 'error' | 'consent' | 'warning';
  readonly code: ErrorCode;
  /** Where in the definition, by the names of XML's elements and attributes: `ip[0].dhcp.range[1]`. */
  readonly path: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Collects findings, so that a user hears of all mistakes at once. */
export interface Report {
  readonly findings: readonly Finding[];
  error(code: ErrorCode, path: string, message: string, hint: string): void;
  consent(code: ErrorCode, path: string, message: string, hint?: string): void;
  warn(code: ErrorCode, path: string, message: string, hint?: string): void;
  /** Returns the result of `read`; or undefined if it threw, and adds its error at that path. */
  attempt<T>(path: string, read: () => T): T | undefined;
}

export function createReport(): Report {
  const findings: Finding[] = [];
  const add =
    (severity: Finding['severity']) =>
    (code: ErrorCode, path: string, message: string, hint?: string): void => {
      findings.push({ severity, code, path, message, hint });
    };
  const error = add('error');
  return {
    findings,
    error,
    consent: add('consent'),
    warn: add('warning'),
    attempt: (path, read) => {
      try {
        return read();
      } catch (refusal) {
        if (!(refusal instanceof KvmnetError)) throw refusal;
        error(refusal.code, path, refusal.message, refusal.hint);
        return undefined;
      }
    },
  };
}

/**
 * Throws the errors among the findings: the only error, or one that lists them all line by line, with the code of
 * the first and all of them in `details.findings`.
 */
export function refuse(findings: readonly Finding[]): void {
  const errors = findings.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first === undefined) return;
  const messages = [...new Set(errors.map(({ message }) => message))];
  const hints = [...new Set(errors.flatMap(({ hint }) => (hint === undefined ? [] : [hint])))];
  const message = messages.length === 1 ? first.message : `${messages.length} errors:\n  ${messages.join('\n  ')}`;
  throw new KvmnetError(first.code, message, {
    ...(hints.length === 0 ? {} : { hint: hints.join('; ') }),
    details: { findings: errors },
  });
}

/** The warnings and questions of findings that refuse nothing, as a plan carries them. */
export function advisories(findings: readonly Finding[]): Pick<Plan, 'warnings' | 'consent'> {
  const messages = (severity: Finding['severity']): readonly string[] => [
    ...new Set(findings.filter((finding) => finding.severity === severity).map(({ message }) => message)),
  ];
  return { warnings: messages('warning'), consent: messages('consent') };
}
