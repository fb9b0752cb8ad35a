import { sha256 } from '../../../apply/digest.ts';
import { KvmnetError } from '../../../errors.ts';
import { checkNetwork } from '../../../plan/network/check/network.ts';
import { findNetwork } from '../../../state/find-network.ts';
import { refuse } from '../../../plan/finding.ts';
import { planNetworkChange, type ChangePlan } from '../../../plan/network/change.ts';
import type { NetworkState, State } from '../../../state/state.ts';
import { lostXml } from '../../../xml/canonical.ts';
import { parseNetwork } from '../../../xml/network.ts';
import { flag, typed } from '../../options.ts';
import type { Context } from '../../context.ts';
import { draft, wantsToEditAgain, type Draft } from '../../terminal/editor.ts';
import { watchGaps } from '../../../apply/gap.ts';
import { changedResult, sayChanges, sayDiff } from '../../views/change.ts';
import { networkName } from './arguments.ts';

export const command = typed({
  arguments: [networkName],
  options: { config: flag('--config', 'Change only the definition for the next start') },
  description:
    'Opens the definition in $VISUAL or $EDITOR, checks the result, and shows the difference. The change is applied as by net ' +
    'set: live if possible, otherwise by a restart that reattaches every guest.',
  examples: [
    ['net edit keennet', 'Edit it in $EDITOR'],
    ['net edit keennet --dry-run', 'Edit it, and print the steps'],
  ],
  async run(context, [name = ''], { config }) {
    const seen = findNetwork(await context.observe({ leases: false, routes: false }), name);
    const before = seen.inactiveXml ?? seen.xml;
    const edited = await editUntilValid(context, seen, before);
    context.noteInput((await sha256(edited)).toString('hex'));
    const uuid = crypto.randomUUID();
    const watch = watchGaps();
    const result = await context.change(
      (state) => {
        const plan = planEdit(state, { seen, edited, before, configOnly: config, uuid });
        if (plan.steps.length > 0) sayDiff(context, before, edited);
        sayChanges(context, plan);
        // A user who closes the editor has not yet seen the effects.
        return plan.consent.length > 0 || plan.steps.length === 0
          ? plan
          : { ...plan, consent: [`this changes network ${seen.name}`] };
      },
      { leases: false },
      watch.watch,
    );
    return changedResult(context, result, await watch.gaps(result, context.options.uri), seen.name);
  },
});

interface Edit {
  readonly seen: NetworkState;
  readonly before: string;
  readonly edited: string;
  readonly configOnly: boolean;
  readonly uuid: string;
}

/** @throws CONFLICT if another user or program has changed it in the meantime */
function planEdit(state: State, { seen, before, edited, configOnly, uuid }: Edit): ChangePlan {
  const network = findNetwork(state, seen.uuid);
  if ((network.inactiveXml ?? network.xml) !== before) {
    throw new KvmnetError(
      'CONFLICT',
      `network ${network.name} was changed by another user or program while you edited it`,
      {
        hint: 'edit it once more',
      },
    );
  }
  const wanted = parseNetwork(edited);
  const live = network.active ? wanted : undefined;
  const config = network.persistent ? wanted : undefined;
  return planNetworkChange({ network, wanted: { live, config }, configOnly, uuid }, state);
}

/** Repeats until it is valid; without a terminal, or if the user stops, throws its errors. */
async function editUntilValid(context: Context, network: NetworkState, before: string): Promise<string> {
  const file = draft(`${network.uuid}.xml`, before);
  try {
    return await editOnce(context, network, before, file);
  } finally {
    file.remove();
  }
}

async function editOnce(context: Context, network: NetworkState, before: string, file: Draft): Promise<string> {
  for (;;) {
    context.progress.stop();
    const text = await file.edit();
    try {
      const state = await context.observe({ leases: false });
      validate(text, before, network, state);
      return text;
    } catch (error) {
      const isMistake =
        error instanceof KvmnetError &&
        (error.code === 'INPUT' || error.code === 'CONFLICT' || error.code === 'NOTFOUND');
      if (!isMistake || !(await wantsToEditAgain(context, error))) throw error;
    }
  }
}

function validate(text: string, before: string, { uuid, name }: NetworkState, state: State): void {
  const edited = parseNetwork(text);
  const [unknown] = lostXml(edited, parseNetwork(before));
  if (unknown !== undefined) {
    throw new KvmnetError('INPUT', `${unknown} is unknown, and libvirt drops what it does not know`, {
      hint: 'look for a slip; net define takes what a newer libvirt knows, and kvmnet does not',
    });
  }
  if (edited.name !== name || edited.uuid?.toLowerCase() !== uuid.toLowerCase()) {
    throw new KvmnetError('INPUT', `name and UUID of network ${name} cannot be edited`, {
      hint: 'kvmnet net rename gives it another name; kvmnet net clone creates another network',
    });
  }
  refuse(checkNetwork(edited, state));
}
