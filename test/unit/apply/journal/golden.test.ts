import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { entryOf } from '../../../../src/apply/journal/journal.ts';
import { shapeFault } from '../../../../src/apply/journal/entry-shape.ts';
import { planText } from '../../../../src/cli/views/plan.ts';
import { hasHostAction, isCall } from '../../../../src/plan/actions/rows.ts';
import type { Plan, Step } from '../../../../src/plan/step.ts';
import { planUndo } from '../../../../src/plan/undo.ts';
import { root } from '../../../helpers/host.ts';
import { domainState, networkState, stateWith } from '../../plan/state.ts';

const journals = `${root}fixtures/journals/`;

/** The folder of fixtures/journals that has a kind's entry, as an earlier version wrote it. */
const folders = new Map(
  readdirSync(journals).flatMap((folder) =>
    readdirSync(journals + folder).map((file) => [file.split('.')[0] ?? '', folder] as const),
  ),
);

/** Output of the version that wrote an entry. */
interface Golden {
  /** As --dry-run shows it. */
  readonly shown: string;
  readonly isOfHost: boolean;
  /** Its undo, or why it has none. */
  readonly undo?: Plan;
  readonly refused?: string;
  readonly undoShown?: string;
  /** The undo of that; a sentence if it has none. */
  readonly redo?: readonly Step[] | string;
}

const read = (call: string, suffix: string): unknown =>
  JSON.parse(readFileSync(`${journals}${folders.get(call)!}/${call}${suffix}.json`, 'utf8'));

const network = (read('networkDefine', '') as Plan).steps[0]?.do as { readonly xml: string };
const domain = (read('domainDefine', '') as Plan).steps[0]?.undo[0] as { readonly xml: string };
const state = stateWith({ networks: [networkState(network.xml)], domains: [domainState(domain.xml, domain.xml)] });

const planned = <T>(plan: () => T): T | string => {
  try {
    return plan();
  } catch (error) {
    return (error as Error).message;
  }
};
const shown = ({ title, steps }: Pick<Plan, 'title' | 'steps'>): string =>
  planText({ title, steps, warnings: [], consent: [] });

describe('a journal that an earlier version wrote', () => {
  let directory: string;
  const before = process.env['KVMNET_STATE_DIR'];

  beforeAll(() => {
    directory = mkdtempSync(`${tmpdir()}/kvmnet-test-`);
    mkdirSync(`${directory}/journal`, { mode: 0o700 });
    process.env['KVMNET_STATE_DIR'] = directory;
  });
  afterAll(() => {
    if (before === undefined) delete process.env['KVMNET_STATE_DIR'];
    else process.env['KVMNET_STATE_DIR'] = before;
    rmSync(directory, { recursive: true });
  });

  it('exists for each kind of action that version 0.1.0 had', () => {
    expect(folders.size).toBeGreaterThanOrEqual(45);
    expect([...folders.keys()].filter((call) => !isCall(call))).toEqual([]);
  });

  it.each([...folders.keys()])('with %s is read, shown and undone as that version did', (call) => {
    const golden = read(call, '.undo') as Golden;
    const written = read(call, '') as { readonly title: string; readonly steps: readonly Step[] };
    expect(shapeFault(written)).toBeUndefined();
    expect(written.steps.flatMap((step) => [step.do, ...step.undo]).map((action) => action.call)).toContain(call);

    const id = '00000001-2026-11-28T201339.333Z-4711';
    const file = `${directory}/journal/${id}.${String(written.steps.length)}.done.json`;
    writeFileSync(file, JSON.stringify(written), { mode: 0o600 });
    const entry = entryOf(id);
    rmSync(file);
    expect(entry).toMatchObject({ ...written, begun: written.steps.length, outcome: 'done' });

    expect(shown(written)).toBe(golden.shown);
    expect(hasHostAction(written.steps)).toBe(golden.isOfHost);
    const undo = planned(() => planUndo(written, [], state));
    if (golden.undo === undefined) {
      expect(undo).toBe(golden.refused);
      return;
    }
    expect(JSON.parse(JSON.stringify(undo))).toEqual(golden.undo);
    expect(planText(golden.undo)).toBe(golden.undoShown);
    const redo = planned(() => planUndo(golden.undo!, [], state).steps);
    expect(JSON.parse(JSON.stringify(redo))).toEqual(golden.redo);
  });
});
