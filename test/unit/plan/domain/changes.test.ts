import { describe, expect, it } from '@jest/globals';
import {
  planDomainAutostart,
  planDomainDelete,
  planDomainLifecycle,
  planDomainReboot,
  planDomainResume,
  planDomainSuspend,
  planDomainUndefine,
  type LifecycleAction,
} from '../../../../src/plan/domain/changes.ts';
import { planUndo } from '../../../../src/plan/undo.ts';
import type { DomainState } from '../../../../src/state/state.ts';
import { domainState, stateWith } from '../state.ts';

const xml = (inside = '', os = ''): string =>
  `<domain type='kvm'><name>VM1</name><os><type>hvm</type>${os}</os><devices>${inside}</devices></domain>`;
const off = domainState(xml());
const running = domainState(xml(), xml());
const paused: DomainState = { ...running, state: 'paused' };
const transient: DomainState = { ...running, persistent: false, inactive: undefined, inactiveXml: undefined };
const domain = off.uuid;
const none = { managedSave: false, snapshots: 0, checkpoints: 0 };

describe('the plan of a change of what a domain does', () => {
  it.each<[LifecycleAction, DomainState, readonly object[], object]>([
    [{ call: 'domainStart', domain, flags: 1 }, off, [{ call: 'domainDestroy' }], { active: true }],
    [{ call: 'domainDestroy', domain }, running, [], { active: false }],
    [{ call: 'domainSuspend', domain }, running, [{ call: 'domainResume' }], { paused: true }],
    [{ call: 'domainResume', domain }, paused, [{ call: 'domainSuspend' }], { paused: false }],
    [
      { call: 'domainSetAutostart', domain, autostart: true },
      off,
      [{ call: 'domainSetAutostart', autostart: false }],
      { autostart: true },
    ],
  ])('does %j, with its undo and its expected result', (action, given, undo, verify) => {
    const { steps } = planDomainLifecycle(given, action);
    expect(steps).toMatchObject([{ do: action, undo, verify: { expect: 'domain', domain, ...verify } }]);
    expect(steps[0]?.undo).toHaveLength(undo.length);
  });

  it.each<LifecycleAction['call']>(['domainShutdown', 'domainReboot'])('waits for nothing with %s', (call) => {
    const { steps } = planDomainLifecycle(running, { call, domain } as LifecycleAction);
    expect(steps).toMatchObject([{ undo: [], verify: { expect: 'domain', domain } }]);
    expect(Object.keys(steps[0]?.verify ?? {})).toEqual(['expect', 'domain']);
  });

  it.each<[LifecycleAction, DomainState]>([
    [{ call: 'domainStart', domain }, running],
    [{ call: 'domainDestroy', domain }, off],
    [{ call: 'domainShutdown', domain }, off],
    [{ call: 'domainReboot', domain }, off],
    [{ call: 'domainSuspend', domain }, paused],
    [{ call: 'domainSuspend', domain }, off],
    [{ call: 'domainResume', domain }, running],
    [{ call: 'domainSetAutostart', domain, autostart: false }, off],
  ])('has no step for %j where it changes nothing', (action, given) => {
    expect(planDomainLifecycle(given, action).steps).toEqual([]);
  });

  it('leaves what a transient domain cannot have to libvirt, which refuses it', () => {
    expect(planDomainLifecycle(transient, { call: 'domainSetAutostart', domain, autostart: false }).steps).toHaveLength(
      1,
    );
  });

  it.each([planDomainReboot, planDomainSuspend, planDomainResume])('is refused for a domain that is off', (plan) => {
    expect(() => plan(off)).toThrow(
      expect.objectContaining({
        code: 'CONFLICT',
        message: 'VM1 is not running',
        hint: 'start it: kvmnet vm start VM1',
      }),
    );
    expect(plan(running).title).toMatch(/VM1$/);
  });

  it('marks no transient domain for the boot', () => {
    expect(() => planDomainAutostart(transient, true)).toThrow(expect.objectContaining({ code: 'CONFLICT' }));
    expect(planDomainAutostart(off, true).steps).toHaveLength(1);
  });
});

describe('the plan of undefine', () => {
  const definition = xml('', '<nvram>/x</nvram>');

  it('brings back the definition with its secrets, and autostart', () => {
    const { steps, title } = planDomainUndefine({ ...off, autostart: true }, { definition, extras: none }, 0);
    expect(title).toBe('undefine VM1');
    expect(steps).toMatchObject([
      {
        do: { call: 'domainUndefine', domain },
        undo: [
          { call: 'domainDefine', xml: definition },
          { call: 'domainSetAutostart', autostart: true },
        ],
        verify: { defined: false },
      },
    ]);
    const undo = planUndo({ title, steps }, [], stateWith());
    expect(undo.steps.map(({ do: action }) => action.call)).toEqual(['domainDefine', 'domainSetAutostart']);
    expect(undo.steps.map(({ verify }) => verify)).toMatchObject([{ defined: true }, { autostart: true }]);
    expect(undo.steps[0]?.undo).toMatchObject([{ call: 'domainUndefine' }]);
  });

  it.each([
    [0, { managedSave: true, snapshots: 1, checkpoints: 1 }, 'undefine VM1'],
    [1, none, 'undefine VM1'],
    [1, { ...none, managedSave: true }, 'undefine VM1 and delete its managed save, which undo does not restore'],
    [
      22,
      { ...none, snapshots: 2, checkpoints: 1 },
      'undefine VM1 and delete the metadata of its snapshots, the metadata of its checkpoints, its NVRAM, which undo does not restore',
    ],
  ])('reports with the flags %i what is lost of %j', (flags, extras, title) => {
    expect(planDomainUndefine(off, { definition, extras }, flags).title).toBe(title);
  });

  it('has no step for a transient domain', () => {
    expect(planDomainUndefine(transient, { definition: undefined, extras: none }, 0).steps).toEqual([]);
  });
});

describe('the plan of vm delete', () => {
  const state = stateWith();
  const old = stateWith({ libvirtVersion: 8_008_000 });
  const tpm = `<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>`;
  const disks = `<disk type='file'><source file='/a.qcow2'/></disk><disk device='cdrom'><source file='/a.iso'/></disk>`;
  const plan = (given: DomainState, definition: string | undefined, extras = none, force = false, on = state) =>
    planDomainDelete(given, { definition, extras }, { force }, on);

  it('is refused for a domain that runs, with both ways on', () => {
    expect(() => plan(running, xml())).toThrow(
      expect.objectContaining({
        code: 'CONFLICT',
        message: 'VM1 is running',
        hint: expect.stringMatching(/kvmnet vm stop VM1; .*kvmnet vm delete VM1 --force/),
      }),
    );
    expect(plan(running, xml(), none, true).steps.map(({ do: action }) => action.call)).toEqual([
      'domainDestroy',
      'domainUndefine',
    ]);
  });

  it('keeps disks, NVRAM and the state of a TPM', () => {
    const made = plan(off, xml(disks + tpm, '<nvram>/vars.fd</nvram>'));
    expect(made.kept).toEqual(['/a.qcow2', '/vars.fd']);
    expect(made.steps).toMatchObject([{ do: { call: 'domainUndefine', flags: 8 | 64 } }]);
    expect(made.consent).toEqual([]);
  });

  it('has no flags where nothing needs them: some drivers know none', () => {
    expect(plan(off, xml(disks)).steps[0]?.do).toEqual({ call: 'domainUndefine', domain });
  });

  it('asks about what undo does not restore', () => {
    const extras = { managedSave: true, snapshots: 2, checkpoints: 1 };
    const made = plan(off, xml(tpm), extras, false, old);
    expect(made.steps).toMatchObject([{ do: { flags: 1 | 2 | 16 } }]);
    expect(made.consent).toEqual([
      expect.stringMatching('managed save'),
      expect.stringMatching('2 snapshots'),
      expect.stringMatching('1 checkpoint:'),
      expect.stringMatching('TPM'),
    ]);
    expect(plan(transient, undefined, none, true)).toMatchObject({
      steps: [{ do: { call: 'domainDestroy' } }],
      consent: [expect.stringMatching('transient')],
    });
  });
});

describe('an undo that stops or undefines a running domain', () => {
  const step = planDomainLifecycle(off, { call: 'domainStart', domain });

  it('asks before it powers the domain off', () => {
    expect(planUndo(step, [], stateWith({ domains: [running] })).consent).toEqual([
      expect.stringMatching('powers off VM1'),
    ]);
    expect(planUndo(step, [], stateWith({ domains: [off] })).consent).toEqual([]);
  });

  it('is refused with an alternative if a step cannot be undone', () => {
    const done = planDomainLifecycle(running, { call: 'domainDestroy', domain });
    expect(() => planUndo(done, [], stateWith())).toThrow(
      expect.objectContaining({ code: 'CONFLICT', hint: expect.stringMatching('kvmnet history') }),
    );
  });
});
