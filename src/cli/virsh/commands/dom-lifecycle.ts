/** virsh's commands that start, stop and undefine domains: plans with journal and undo, and virsh's output. */
import { perform } from '../../../apply/actions/perform.ts';
import type { Connection } from '../../../libvirt/connection.ts';
import { planDomainLifecycle, planDomainUndefine, type LifecycleAction } from '../../../plan/domain/changes.ts';
import type { Action, Plan } from '../../../plan/step.ts';
import { changeByPlan, nothingElse } from '../change.ts';
import { common, flag, text, type VirshCall, type VirshDefinition, type VirshOption } from '../grammar/definition.ts';
import { VirshError } from '../grammar/error.ts';
import { definitionOf, findDomainRecord, type DomainRecord } from './domain-arguments.ts';

interface Row<A extends Action> {
  readonly options?: readonly VirshOption[];
  /** The action of libvirt on the domain that has this UUID. */
  readonly act: (domain: string, call: VirshCall) => A;
  /** The same as a plan. */
  readonly planFor: (domain: DomainRecord, action: A, connection: Connection, call: VirshCall) => Plan | Promise<Plan>;
  /** The message, without the full stop; `NAME` is the domain's. */
  readonly done: (call: VirshCall) => string;
  readonly title: string;
  readonly example: string;
  /** Refuses options, before the domain is looked for. */
  readonly checkOptions?: (call: VirshCall) => unknown;
  /** Refuses the domain in its state. */
  readonly check?: (domain: DomainRecord) => void;
  readonly by?: Parameters<typeof findDomainRecord>[2];
}

function onDomain<A extends Action>(row: Row<A>): VirshDefinition {
  const { options = [], act, planFor, done, title, example, checkOptions, check, by } = row;
  return {
    options: [common.domain, ...options],
    isPartial: true,
    examples: [[`virsh ${example}`, title.toLowerCase()]],
    async run(call) {
      const connection = await call.connection('change');
      checkOptions?.(call);
      const domain = await findDomainRecord(call, connection, by);
      const { name, uuid } = domain;
      check?.(domain);
      const action = act(uuid, call);
      const makePlan = async (): Promise<Plan> =>
        planFor(await connection.call('getDomain', { domain: uuid }), action, connection, call);
      const planned = await changeOrAsk(call, connection, action, makePlan);
      if (call.context.options.dryRun) return planned;
      call.extra(`${done(call).replace('NAME', () => name)}\n`);
      return { domain: name, uuid };
    },
  };
}

/**
 * Applies a plan. If it has nothing to do, or the connection is read-only, libvirt is called all the same:
 * virsh reports its answer.
 */
async function changeOrAsk(
  call: VirshCall,
  connection: Connection,
  action: Action,
  makePlan: () => Promise<Plan>,
): Promise<unknown> {
  const { readOnly, dryRun } = call.context.options;
  if (readOnly && !dryRun) return perform(connection, action);
  let isNeeded = true;
  const observed = async (): Promise<Plan> => {
    const plan = await makePlan();
    isNeeded = plan.steps.length > 0;
    return plan;
  };
  return changeByPlan(call, observed, () => (isNeeded ? undefined : perform(connection, action)), nothingElse);
}

/** The sum of the flags of the given options; no field if none is given. */
function flagsOf(call: VirshCall, bits: Readonly<Record<string, number>>): { readonly flags?: number } {
  const flags = Object.entries(bits).reduce((sum, [option, bit]) => sum | (call.given(option) ? bit : 0), 0);
  return flags === 0 ? {} : { flags };
}

function lifecycleCommand(row: Omit<Row<LifecycleAction>, 'planFor'>): VirshDefinition {
  return onDomain({ ...row, planFor: planDomainLifecycle });
}

/** virDomainCreateFlags by virsh's option. */
const startFlags = { paused: 1, 'bypass-cache': 4, 'force-boot': 8 } as const;

export const start = lifecycleCommand({
  options: [
    flag('paused', 'leave the guest paused after creation'),
    flag('bypass-cache', 'avoid file system cache when loading'),
    flag('force-boot', 'force fresh boot by discarding any managed save'),
  ],
  by: ['uuid', 'name'],
  check: ({ active }) => {
    const line = 'Domain is already active';
    if (active) throw new VirshError('CONFLICT', line, line);
  },
  act: (domain, call) => ({ call: 'domainStart', domain, ...flagsOf(call, startFlags) }),
  done: () => "Domain 'NAME' started",
  title: 'Start',
  example: 'start VM1',
});

export const destroy = lifecycleCommand({
  options: [flag('graceful', 'terminate gracefully')],
  act: (domain, call) => ({ call: 'domainDestroy', domain, ...flagsOf(call, { graceful: 1 }) }),
  done: () => "Domain 'NAME' destroyed",
  title: 'Pull the plug of',
  example: 'destroy VM1',
});

/** virDomainShutdownFlagValues and virDomainRebootFlagValues, which are the same, by virsh's word. */
const modes: Readonly<Record<string, number>> = { acpi: 1, agent: 2, initctl: 4, signal: 8, paravirt: 16 };

function modeFlags(call: VirshCall): { readonly flags?: number } {
  const words = call.text('mode')?.split(',') ?? [];
  const flags = words.reduce((sum, word) => {
    const bit = modes[word];
    const line = `Unknown mode ${word} value, expecting 'acpi', 'agent', 'initctl', 'signal', or 'paravirt'`;
    if (bit === undefined) throw new VirshError('USAGE', line, line);
    return sum | bit;
  }, 0);
  return flags === 0 ? {} : { flags };
}

const mode = text('mode', 'shutdown mode: acpi|agent|initctl|signal|paravirt', { completes: Object.keys(modes) });

export const shutdown = lifecycleCommand({
  options: [mode],
  checkOptions: modeFlags,
  act: (domain, call) => ({ call: 'domainShutdown', domain, ...modeFlags(call) }),
  done: () => "Domain 'NAME' is being shutdown",
  title: 'Shut down',
  example: 'shutdown VM1',
});

export const reboot = lifecycleCommand({
  options: [mode],
  checkOptions: modeFlags,
  act: (domain, call) => ({ call: 'domainReboot', domain, ...modeFlags(call) }),
  done: () => "Domain 'NAME' is being rebooted",
  title: 'Reboot',
  example: 'reboot VM1',
});

export const suspend = lifecycleCommand({
  act: (domain) => ({ call: 'domainSuspend', domain }),
  done: () => "Domain 'NAME' suspended",
  title: 'Suspend',
  example: 'suspend VM1',
});

export const resume = lifecycleCommand({
  act: (domain) => ({ call: 'domainResume', domain }),
  done: () => "Domain 'NAME' resumed",
  title: 'Resume',
  example: 'resume VM1',
});

export const autostart = lifecycleCommand({
  options: [flag('disable', 'disable autostarting')],
  act: (domain, call) => ({ call: 'domainSetAutostart', domain, autostart: !call.given('disable') }),
  done: (call) => `Domain 'NAME' ${call.given('disable') ? 'unmarked' : 'marked'} as autostarted`,
  title: 'Set autostart of',
  example: 'autostart VM1',
});

/** virDomainUndefineFlagsValues by virsh's option. */
const undefineFlags = {
  'managed-save': 1,
  'snapshots-metadata': 2,
  nvram: 4,
  'keep-nvram': 8,
  'checkpoints-metadata': 16,
} as const;

type Undefine = Extract<Action, { readonly call: 'domainUndefine' }>;

export const undefine = onDomain<Undefine>({
  options: [
    flag('managed-save', 'remove domain managed state file'),
    flag('snapshots-metadata', 'remove all domain snapshot metadata (vm must be inactive)'),
    flag('checkpoints-metadata', 'remove all domain checkpoint metadata (vm must be inactive)'),
    flag('nvram', 'remove nvram file'),
    flag('keep-nvram', 'keep nvram file'),
  ],
  checkOptions: (call) => {
    call.exclusive('nvram', 'keep-nvram');
  },
  act: (domain, call) => ({ call: 'domainUndefine', domain, ...flagsOf(call, undefineFlags) }),
  planFor: async (domain, { flags = 0 }, connection, call) => {
    const extras = await connection.call('getDomainKept', { domain: domain.uuid });
    return planDomainUndefine(domain, { definition: await definitionOf(call, connection, domain), extras }, flags);
  },
  done: () => "Domain 'NAME' has been undefined",
  title: 'Undefine',
  example: 'undefine VM1',
});
