/** Changes under virsh's names: scripts run them, so kvmnet prints a warning instead of a question. */
import { KvmnetError } from '../../errors.ts';
import type { Connection } from '../../libvirt/connection.ts';
import type { Plan } from '../../plan/step.ts';
import type { Part, Seen } from '../../state/state.ts';
import type * as ObjectNames from '../../xml/object-name.ts';
import type { ObserveScope } from '../context.ts';
import { planText } from '../views/plan.ts';
import type { VirshCall } from './grammar/definition.ts';

/**
 * Plans and applies a change, as kvmnet's own commands do: journal, reading back, and undo where it fails. Then `done` prints what
 * virsh prints. With --dry-run the plan is printed instead.
 */
export async function changeByPlan<Needed extends Part = Part>(
  call: VirshCall,
  makePlan: (state: Seen<Needed>) => Plan | Promise<Plan>,
  done: () => unknown,
  look: ObserveScope<Needed> = {},
): Promise<unknown> {
  const { context } = call;
  const { plan } = await context.change(async (state) => {
    const made = await makePlan(state);
    return { ...made, warnings: [...made.warnings, ...made.consent], consent: [] };
  }, look);
  if (!context.options.dryRun) return done();
  call.print(`${planText(plan)}\n`);
  return { dryRun: true, title: plan.title, steps: plan.steps, warnings: plan.warnings };
}

/**
 * Changes filters, ports, metadata and host interfaces, which State does not have: `makePlan` asks libvirt
 * for what it needs. On a read-only connection, libvirt refuses the change in its own words.
 */
export async function changeObject(
  call: VirshCall,
  makePlan: (connection: Connection) => Promise<Plan>,
  done: () => unknown,
): Promise<unknown> {
  const connection = await call.connection('change');
  const { readOnly, dryRun } = call.context.options;
  if (readOnly && !dryRun) {
    const [{ steps }, { perform }] = await Promise.all([
      makePlan(connection),
      import('../../apply/actions/perform.ts'),
    ]);
    const [first] = steps;
    if (first) await perform(connection, first.do);
  }
  return changeByPlan(call, () => makePlan(connection), done, nothingElse);
}

/** For changes that read nothing from State. */
export const nothingElse = { only: [] } as const;

/**
 * Returns the model of a document; undefined if kvmnet cannot read it: libvirt then decides about it, and
 * reports the error.
 * @param read gets the functions that read XML, which read-only commands do not load
 */
export async function readable<T>(read: (names: typeof ObjectNames) => T): Promise<T | undefined> {
  try {
    return read(await import('../../xml/object-name.ts'));
  } catch (error) {
    if (error instanceof KvmnetError) return undefined;
    throw error;
  }
}
