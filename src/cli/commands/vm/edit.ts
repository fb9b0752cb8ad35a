import { sha256 } from '../../../apply/digest.ts';
import { KvmnetError, type ErrorCode } from '../../../errors.ts';
import { nicRemarks, planDomainDefine, requireDefinition, uuidOf } from '../../../plan/domain/define.ts';
import type { Plan } from '../../../plan/step.ts';
import { findDomain } from '../../../state/find-domain.ts';
import { quoted } from '../../../values/quoted.ts';
import type { DomainState, State } from '../../../state/state.ts';
import { parseDomain, type Domain } from '../../../xml/domain.ts';
import type { Result } from '../../command.ts';
import { flag, typed } from '../../options.ts';
import type { Context } from '../../context.ts';
import { draft, wantsToEditAgain } from '../../terminal/editor.ts';
import { sayDiff } from '../../views/change.ts';
import { changeResult } from '../../views/plan.ts';
import { readDefinition } from '../../../observe/domain-definition.ts';
import { vm, warnOfDropped } from './arguments.ts';

export const command = typed({
  arguments: [vm],
  options: { skipValidate: flag('--skip-validate', "Do not validate it against libvirt's schema") },
  description:
    'Opens the definition, with its passwords, in $VISUAL or $EDITOR, shows the difference, and asks. On a terminal you can edit it ' +
    'again if libvirt refuses it. A running domain uses the new definition after it is shut down and started.',
  examples: [
    ['vm edit VM1', 'Edit it in $EDITOR'],
    ['vm edit VM1 --dry-run', 'Edit it, and print the XML'],
  ],
  async run(context, [name = ''], { skipValidate }) {
    const seen = findDomain(await context.observe({ only: ['domains'], domains: [name] }), name);
    requireDefinition(seen);
    const before = (await readDefinition(context, seen, { secrets: !context.options.dryRun })) ?? '';
    const file = draft(`${seen.uuid}.xml`, before);
    const edit: Edit = { seen, before, validate: !skipValidate, isOutdated: false };
    try {
      for (;;) {
        context.progress.stop();
        const edited = await file.edit();
        try {
          return await applyEdit(context, edit, edited);
        } catch (error) {
          if (!isMistake(error) || edit.isOutdated || !(await wantsToEditAgain(context, error))) throw error;
        }
      }
    } finally {
      file.remove();
    }
  },
});

interface Edit {
  readonly seen: DomainState;
  readonly before: string;
  readonly validate: boolean;
  /** True once another user has changed the definition: editing the old one again cannot succeed. */
  isOutdated: boolean;
}

async function applyEdit(context: Context, edit: Edit, edited: string): Promise<Result> {
  const { seen, before } = edit;
  const { name, uuid } = seen;
  const domain = parseDomain(edited);
  requireIdentity(domain, seen);
  context.noteInput((await sha256(edited)).toString('hex'));
  const result = await context.change(
    async (state) => {
      const now = findDomain(state, uuid);
      const definition = await readDefinition(context, now, { secrets: !context.options.dryRun });
      edit.isOutdated = definition !== before;
      if (edit.isOutdated) {
        throw new KvmnetError('CONFLICT', `${name} was changed by another user or program while you edited it`, {
          hint: `edit it again: kvmnet vm edit ${quoted(name)}`,
        });
      }
      if (edited === before) return { title: `edit ${name}`, steps: [], warnings: [], consent: [] };
      sayDiff(context, before, edited);
      return planEdit({ domain, edited, now, definition }, edit, state);
    },
    { leases: false },
  );
  if (!context.options.dryRun && result.plan.steps.length > 0) await warnOfDropped(context, edited, uuid);
  return changeResult(context, result, `redefined ${name}`, { domain: name, uuid });
}

interface Edited {
  readonly domain: Domain;
  readonly edited: string;
  readonly now: DomainState;
  readonly definition: string | undefined;
}

function planEdit({ domain, edited, now, definition }: Edited, { before, validate }: Edit, state: State): Plan {
  const { name, uuid } = now;
  const plan = planDomainDefine({ xml: edited, name, uuid, validate }, { facts: now, definition }, state);
  const known = new Set(nicRemarks(parseDomain(before), uuid, state));
  const remarks = nicRemarks(domain, uuid, state).filter((remark) => !known.has(remark));
  return { ...plan, warnings: [...remarks, ...plan.warnings], consent: [`this changes the definition of ${name}`] };
}

function requireIdentity(domain: Domain, { name, uuid }: DomainState): void {
  if (domain.name === name && uuidOf(domain) === uuid) return;
  throw new KvmnetError('INPUT', `name and UUID of ${name} cannot be edited`, {
    hint: `kvmnet virsh domrename ${quoted(name)} NEW gives it another name; kvmnet vm define FILE creates another domain`,
  });
}

const mistakes: readonly ErrorCode[] = ['INPUT', 'CONFLICT', 'NOTFOUND', 'DEPENDENCY', 'BACKEND'];

function isMistake(error: unknown): error is KvmnetError {
  return error instanceof KvmnetError && mistakes.includes(error.code);
}
