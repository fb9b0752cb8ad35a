import type { ChangeResult } from '../../../apply/session.ts';
import { KvmnetError } from '../../../errors.ts';
import { reloadCommand } from '../../../plan/persist/persist.ts';
import { configFormats } from '../../../config/config.ts';
import type { Seen } from '../../../state/state.ts';
import type { Column, Result } from '../../command.ts';
import type { Context } from '../../context.ts';
import { observePersistFacts } from '../../../observe/persist-files.ts';
import { planPersist, type PersistPlan } from '../../../plan/persist/plan.ts';
import { readManager } from '../../host-options.ts';
import { flag, parsed, text, texts, typed, type ValuesOf } from '../../options.ts';
import { changeKind, changesText, changeText } from '../../views/persist.ts';
import { changeResult } from '../../views/plan.ts';

const options = {
  format: parsed(
    '--for <MANAGER>',
    `Manager to write for: ${configFormats.join(', ')} (default: the manager of this host)`,
    readManager,
    [...configFormats, 'auto'],
  ),
  write: flag('--write', 'Write the files (default: only show the diff)'),
  devices: texts('--device <NAME>', 'Save only this device and the devices below it', 'link'),
  root: text('--root <DIR>', 'Write to the system whose root directory is mounted on DIR', 'file'),
};

export const command = typed({
  options,
  description:
    'Writes the present bridges, bonds, VLAN devices, addresses, routes, MTUs and MAC addresses to the configuration files of the ' +
    'manager that brings them up at boot. Shows the diff first. Unrelated lines of existing files stay, and kvmnet keeps a copy of each ' +
    'file that it changes. Devices of libvirt and containers are skipped. If a device given by --device does not exist, it is removed ' +
    'from the files.',
  examples: [
    ['host persist', 'Show the diff for the manager of this host'],
    ['host persist --write', 'Write the files'],
    ['host persist --for ifupdown --device br0', 'Save only br0 with its ports, in /etc/network/interfaces'],
    ['undo', 'Restore the files'],
  ],
  async run(context, _args, asked) {
    const scope = { host: true, only: ['networks', 'host'], leases: false } as const;
    const time = new Date();
    const plan = (state: Seen<'networks' | 'host'>): PersistPlan => planOf(state, asked, time);
    if (!asked.write) {
      const planned = plan(await context.observe(scope));
      context.warn(planned.warnings);
      return shown(context, planned);
    }
    return written(context, await context.change(plan, scope));
  },
});

function planOf(
  state: Seen<'networks' | 'host'>,
  { format, devices, root }: ValuesOf<typeof options>,
  time: Date,
): PersistPlan {
  if (!state.host) throw new KvmnetError('DEPENDENCY', "the host's links are out of sight");
  const request = { format, only: devices.length === 0 ? undefined : devices, time };
  return planPersist(state, state.host, request, observePersistFacts(state.connection.uri, root));
}

const columns: readonly Column<PersistPlan['changes'][number]>[] = [
  { heading: 'File', cell: ({ path }) => path },
  { heading: 'Change', cell: changeKind },
];

function valueOf({ format, devices, gone, changes, warnings }: PersistPlan) {
  return {
    manager: format,
    devices,
    gone,
    files: changes.map((change) => ({ path: change.path, change: changeKind(change), diff: changeText(change) })),
    warnings,
  };
}

function shown(context: Context, plan: PersistPlan): Result {
  const { changes, format } = plan;
  const nothing = `the files for ${format} are up to date: nothing to do`;
  const next = `nothing is written yet; to write it: kvmnet ${context.command} --write`;
  return {
    value: { ...valueOf(plan), written: false },
    text: changes.length === 0 ? nothing : `${changesText(changes)}\n\n${next}`,
    table: { rows: changes, columns, empty: nothing },
  };
}

function written(context: Context, result: ChangeResult<PersistPlan>): Result {
  if (result.resumed) return changeResult(context, result, 'written');
  const { plan } = result;
  const { changes, format, copies } = plan;
  const hasCopies = changes.some(({ before }) => before !== null);
  const next = reloadCommand(format);
  const done = [
    changesText(changes),
    '',
    `written for ${format}: the devices come up like this at the next boot${hasCopies ? `; copies of the old files are in ${copies}` : ''}`,
    ...(next === undefined ? [] : [`to apply them now: ${next}`]),
  ].join('\n');
  return changeResult(context, result, done, { ...valueOf(plan), written: true });
}
