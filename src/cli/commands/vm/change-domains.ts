/** Common parts of changes of whole domains: each is a separate change, so that a failed one does not undo the others. */
import { KvmnetError, type ErrorCode } from '../../../errors.ts';
import type { Plan } from '../../../plan/step.ts';
import { findDomain } from '../../../state/find-domain.ts';
import type { DomainState, Part, Seen } from '../../../state/state.ts';
import type { ArgumentDefinition, Result } from '../../command.ts';
import type { Context, ObserveScope } from '../../context.ts';
import { changeResult } from '../../views/plan.ts';

export const domainNames: ArgumentDefinition = {
  name: '<VM...>',
  description: 'Domains, by name or UUID',
  completes: 'domain',
};

/** The change of each of several domains. */
interface DomainChange<Options, Needed extends Part> {
  readonly planFor: (
    domain: DomainState,
    state: Seen<Needed | 'domains'>,
    options: Options,
    context: Context,
  ) => Plan | Promise<Plan>;
  /** The result for the domain with this name. */
  readonly done: (name: string, options: Options) => string;
  /** More of what `--json` prints. */
  readonly more?: (name: string) => Readonly<Record<string, unknown>>;
  readonly look: ObserveScope<Needed | 'domains'>;
}

export function changeDomains<Options, Needed extends Part = Part>({
  planFor,
  done,
  more,
  look,
}: DomainChange<Options, Needed>) {
  return async (context: Context, names: readonly string[], options: Options): Promise<Result> => {
    await requireAll(context, names);
    const results: Result[] = [];
    const errors: KvmnetError[] = [];
    for (const name of new Set(names)) {
      try {
        const plan = (state: Seen<Needed | 'domains'>): Plan | Promise<Plan> =>
          planFor(findDomain(state, name), state, options, context);
        const result = await context.change(plan, { ...look, domains: [name] });
        results.push(changeResult(context, result, done(name, options), { domain: name, ...more?.(name) }));
      } catch (error) {
        if (!(error instanceof KvmnetError) || goesForAll.includes(error.code)) throw error;
        errors.push(error);
      }
    }
    const [first] = errors;
    if (first) throw names.length === 1 ? first : someFailed(first, errors, results);
    return { value: results.map(({ value }) => value), text: results.map(({ text }) => text).join('\n') };
  };
}

/** After these the next domain would fare no better. */
const goesForAll: readonly ErrorCode[] = ['INTERRUPTED', 'TIMEOUT', 'CONNECT', 'LOCKED', 'PERMISSION'];

/** The failures, and the changes that succeeded anyway. */
function someFailed(first: KvmnetError, errors: readonly KvmnetError[], results: readonly Result[]): KvmnetError {
  const lines = [...errors.map(({ message }) => message), ...results.map(({ text }) => text ?? '')];
  return new KvmnetError(results.length > 0 ? 'PARTIAL' : first.code, lines.join('\n'), {
    ...(first.hint === undefined ? {} : { hint: first.hint }),
    details: { done: results.map(({ value }) => value) },
    cause: first,
  });
}

/** An unknown name is refused before the first of the others is changed. */
async function requireAll(context: Context, names: readonly string[]): Promise<void> {
  if (names.length < 2) return;
  const state = await context.observe({ only: ['domains'], domains: names }, 'change');
  names.forEach((name) => findDomain(state, name));
}
