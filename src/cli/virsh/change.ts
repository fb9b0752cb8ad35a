/** Changes under virsh's names: nobody is asked, since scripts run them; what kvmnet would ask about is said. */
import { KvmnetError } from '../../errors.ts';
import type { Connection } from '../../libvirt/connection.ts';
import type { Plan } from '../../plan/step.ts';
import type { Part, Seen } from '../../state/state.ts';
import type * as ObjectNames from '../../xml/object-name.ts';
import type { Look } from '../context.ts';
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
  look: Look<Needed> = {},
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
 * The same of filters, ports, metadata and host interfaces, of which no State tells: `makePlan` asks libvirt for what it needs. Where a
 * connection only looks, libvirt refuses the change in its own words.
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

/** For changes of which no State tells. */
export const nothingElse = { only: [] } as const;

/**
 * What a document says of itself; undefined where kvmnet cannot read it: libvirt decides about it, and says what is wrong.
 * @param read gets what reads XML, which commands that only look do not load
 */
export async function readable<T>(read: (names: typeof ObjectNames) => T): Promise<T | undefined> {
  try {
    return read(await import('../../xml/object-name.ts'));
  } catch (error) {
    if (error instanceof KvmnetError) return undefined;
    throw error;
  }
}
