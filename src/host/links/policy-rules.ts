/** The rules of policy routing, as iproute2 prints them in JSON. */
import { KvmnetError } from '../../errors.ts';
import type { PolicyRule } from '../../records/policy-rule.ts';
import { run, type RunOptions } from '../run.ts';
import { parseList } from './json.ts';

type IpRule = Readonly<Record<string, string | number | null | undefined>>;

/** The rules of both families in their order; none where the kernel has no policy routing. Source: ip-rule(8). */
export async function readPolicyRules(options: RunOptions = {}): Promise<readonly PolicyRule[]> {
  const families = ['ipv4', 'ipv6'] as const;
  const lists = await Promise.all(
    families.map(async (family) => {
      const words = [family === 'ipv4' ? '-4' : '-6', '-j', 'rule', 'show'];
      const shown = await run('ip', words, options).catch(withoutPolicyRouting);
      return (parseList(shown, 'ip') as readonly IpRule[]).map((rule) => policyRule(rule, family));
    }),
  );
  return lists.flat();
}

function withoutPolicyRouting(error: unknown): string {
  if (error instanceof KvmnetError && error.message.includes(' not supported')) return '[]';
  throw error;
}

/** Properties of a rule other than its conditions. */
const actions: readonly string[] = ['priority', 'table', 'action', 'goto', 'protocol', 'suppress_prefixlen'];
/** Conditions that a path shows. */
const known: readonly string[] = ['src', 'srclen', 'dst', 'dstlen', 'iif'];

function policyRule(rule: IpRule, family: PolicyRule['family']): PolicyRule {
  const subnet = (address: 'src' | 'dst', length: 'srclen' | 'dstlen'): string | undefined => {
    const text = rule[address];
    if (typeof text !== 'string' || text === 'all') return undefined;
    return `${text}/${String(rule[length] ?? (family === 'ipv4' ? 32 : 128))}`;
  };
  const [source, destination] = [subnet('src', 'srclen'), subnet('dst', 'dstlen')];
  const { priority, table, iif, suppress_prefixlen: suppressed } = rule;
  const others = Object.keys(rule).filter((key) => !actions.includes(key) && !known.includes(key));
  const conditions = [
    ...(others.includes('not') ? ['not'] : []),
    `from ${source ?? 'all'}`,
    ...(destination === undefined ? [] : [`to ${destination}`]),
    ...(typeof iif === 'string' ? [`iif ${iif}`] : []),
    ...others.filter((key) => key !== 'not').map((key) => [key, rule[key] ?? ''].join(' ').trimEnd()),
  ];
  const action =
    typeof table === 'string' ? `lookup ${table}` : String(rule['action'] ?? `goto ${String(rule['goto'])}`);
  return {
    ...{ family, priority: Number(priority), source, destination },
    inDevice: typeof iif === 'string' ? iif : undefined,
    hasOtherConditions: others.length > 0,
    table: typeof table === 'string' ? table : undefined,
    suppressed: typeof suppressed === 'number' ? suppressed : undefined,
    text: `${conditions.join(' ')} ${action}`,
  };
}
