/** Finds rules of other programs that would drop the connections of forwards. */
import { KvmnetError } from '../../errors.ts';
import { withoutAdmitted } from '../../firewall/admitted.ts';
import { admittedRules, examineForward, type ForwardOrigin } from '../../firewall/examine-forward.ts';
import type { NatFacts } from '../../firewall/nat-facts.ts';
import { firewalldCommands, isOfFirewalld } from '../../firewall/managers.ts';
import { formatPlace } from '../../firewall/ruleset.ts';
import type { Forward, NatRules } from '../../records/nat.ts';
import type { WholeHost } from '../../state/state.ts';
import { forwardText } from '../../values/nat-text.ts';

interface Added {
  readonly rules: NatRules;
  readonly forwards: readonly Forward[];
  readonly warnings: readonly string[];
}

const origins = { outside: 'outside', network: 'other guests' } as const satisfies Readonly<
  Record<ForwardOrigin, string>
>;

/**
 * Examines each forward that was asked for, also one that already exists, from outside and from its network.
 * @param fix adds the rules that admit it to the forward; otherwise they are part of a warning
 * @throws CONFLICT with firewalld's commands, where its rules would have to be fixed
 */
export function admitted<A extends Added>(added: A, facts: NatFacts, { links, routes }: WholeHost, fix: boolean): A {
  const warnings: string[] = [];
  const fixed = new Map<Forward, Forward>();
  for (const forward of added.forwards) {
    const name = forwardText(forward);
    // All of its rules are found again, including the existing ones.
    const tables = fix ? withoutAdmitted(facts.tables, name) : facts.tables;
    const stopped = (['outside', 'network'] as const).flatMap((from) => {
      const report = examineForward(forward, added.rules, { ...facts, tables, links, routes }, from);
      return report?.obstacle?.kind === 'rule' ? [{ ...report, from, obstacle: report.obstacle }] : [];
    });
    const [first] = stopped;
    if (first === undefined) continue;
    const { from, obstacle, request } = first;
    const admissions = stopped.flatMap((report) => report.admissions);
    const problem = `connections from ${origins[from]} to ${name} are ${obstacle.outcome} by ${formatPlace(obstacle.place)}`;
    const closed = admissions.find(({ table }) => isOfFirewalld(table));
    const byHand = closed
      ? firewalldCommands(forward, closed.table, request.packet.inDevice)
      : admissions.map(({ command }) => command);
    const commands = byHand.join('; ');
    if (closed && fix) {
      throw new KvmnetError('CONFLICT', `${problem}; only firewalld itself can change its rules`, {
        hint: `let them through: ${commands}; then repeat this command`,
      });
    }
    if (fix) fixed.set(forward, { ...forward, admitted: admittedRules(name, { admissions }) });
    else if (closed) warnings.push(`${problem}; firewalld lets them through after: ${commands}`);
    else warnings.push(`${problem}; --fix adds a rule that lets them through; by hand: ${commands}`);
  }
  const changed = (forward: Forward): Forward => fixed.get(forward) ?? forward;
  return {
    ...added,
    rules: { ...added.rules, forwards: added.rules.forwards.map(changed) },
    forwards: added.forwards.map(changed),
    warnings: [...added.warnings, ...warnings],
  };
}
