/** Changes under virsh's names: nobody is asked, since scripts run them; what kvmnet would ask about is said. */
import type { Connection } from '../../libvirt/connection.ts';
import type { Plan } from '../../plan/step.ts';
import type { State } from '../../state/state.ts';
import type { Look } from '../context.ts';
import { planText } from '../views/plan.ts';
import type { VirshCall } from './grammar/definition.ts';

/**
 * Plans and applies a change, as kvmnet's own commands do: journal, reading back, and undo where it fails. Then `done` prints what
 * virsh prints. With --dry-run the plan is printed instead.
 */
export async function changeByPlan(
  call: VirshCall,
  makePlan: (state: State) => Plan | Promise<Plan>,
  done: () => unknown,
  look: Look = {},
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
 * A change that is one call of libvirt, which does it or does not: on filters, ports and host interfaces there is nothing else to
 * undo. With --dry-run only `title` is printed, and the XML that would be sent.
 */
export async function changeByCall(
  call: VirshCall,
  { title, xml }: { readonly title: string; readonly xml?: string },
  act: (connection: Connection) => Promise<unknown>,
): Promise<unknown> {
  const connection = await call.connection('change');
  if (!call.context.options.dryRun) return act(connection);
  call.print(`${title}; nothing is done with --dry-run\n${xml === undefined ? '' : `${xml.trimEnd()}\n`}`);
  return { dryRun: true, title, xml };
}
