/**
 * Plans for whole domains, for `vm …` and for virsh's names: plain start and stop, suspend, resume, reboot, autostart,
 * undefine, delete. A plan without steps means that nothing needs to change.
 */
import { KvmnetError } from '../../errors.ts';
import { quoted } from '../../values/quoted.ts';
import type { DomainState, State } from '../../state/state.ts';
import { storageOf, type DomainStorage } from '../../xml/domain-storage.ts';
import type { Action, Plan, Step } from '../step.ts';
import { hasRelease } from '../../state/libvirt-version.ts';

/** The facts that a plan needs about a domain, even if kvmnet cannot read its definition. */
export type DomainFacts = Pick<DomainState, 'name' | 'uuid' | 'active' | 'persistent' | 'autostart' | 'state'>;

type LifecycleCall =
  | 'domainStart'
  | 'domainShutdown'
  | 'domainDestroy'
  | 'domainReboot'
  | 'domainSuspend'
  | 'domainResume'
  | 'domainSetAutostart';

/** A call that changes what a domain does, and not how it is defined. */
export type LifecycleAction = Extract<Action, { readonly call: LifecycleCall }>;

/** The step that makes this call. */
export function lifecycleStep(domain: DomainFacts, action: LifecycleAction): Step {
  const { isNeeded: _, ...step } = effectOf(domain, action);
  return { ...step, do: action };
}

/** The step alone; none if the domain is already in that state, or does not run: libvirt then reports the error. */
export function planDomainLifecycle(domain: DomainFacts, action: LifecycleAction): Plan {
  const { title, isNeeded } = effectOf(domain, action);
  return { title, steps: isNeeded ? [lifecycleStep(domain, action)] : [], warnings: [], consent: [] };
}

function effectOf(domain: DomainFacts, action: LifecycleAction): Omit<Step, 'do'> & { readonly isNeeded: boolean } {
  const { name, uuid, active, state } = domain;
  const verify = { expect: 'domain', domain: uuid } as const;
  const isPaused = state === 'paused';
  switch (action.call) {
    case 'domainStart': {
      const undo: readonly Action[] = [{ call: 'domainDestroy', domain: uuid }];
      return { title: `start ${name}`, isNeeded: !active, undo, verify: { ...verify, active: true } };
    }
    // A guest that was asked to shut down is not started again; when it stops is up to the guest.
    case 'domainShutdown':
      return { title: `shut down ${name}`, isNeeded: active, undo: [], verify };
    case 'domainDestroy':
      return { title: `power off ${name}`, isNeeded: active, undo: [], verify: { ...verify, active: false } };
    case 'domainReboot':
      return { title: `reboot ${name}`, isNeeded: active, undo: [], verify };
    case 'domainSuspend': {
      const undo: readonly Action[] = [{ call: 'domainResume', domain: uuid }];
      return { title: `suspend ${name}`, isNeeded: active && !isPaused, undo, verify: { ...verify, paused: true } };
    }
    case 'domainResume': {
      const undo: readonly Action[] = [{ call: 'domainSuspend', domain: uuid }];
      return { title: `resume ${name}`, isNeeded: isPaused, undo, verify: { ...verify, paused: false } };
    }
    case 'domainSetAutostart': {
      const { autostart } = action;
      return {
        title: `${autostart ? 'enable' : 'disable'} autostart of ${name}`,
        // libvirt refuses it for a transient domain.
        isNeeded: domain.autostart !== autostart || !domain.persistent,
        undo: [{ ...action, autostart: !autostart }],
        verify: { ...verify, autostart },
      };
    }
  }
}

/**
 * Asks a guest to reboot; nothing undoes that.
 * @throws CONFLICT for a domain that is shut off
 */
export function planDomainReboot(domain: DomainFacts): Plan {
  return ofRunning(domain, { call: 'domainReboot', domain: domain.uuid });
}

/**
 * Pauses a running domain.
 * @throws CONFLICT for a domain that is shut off
 */
export function planDomainSuspend(domain: DomainFacts): Plan {
  return ofRunning(domain, { call: 'domainSuspend', domain: domain.uuid });
}

/**
 * Resumes a paused domain.
 * @throws CONFLICT for a domain that is shut off
 */
export function planDomainResume(domain: DomainFacts): Plan {
  return ofRunning(domain, { call: 'domainResume', domain: domain.uuid });
}

function ofRunning(domain: DomainFacts, action: LifecycleAction): Plan {
  const { name, active } = domain;
  if (active) return planDomainLifecycle(domain, action);
  throw new KvmnetError('CONFLICT', `${name} is not running`, { hint: `start it: kvmnet vm start ${quoted(name)}` });
}

/** A hint for a transient domain. */
export function makePersistent(name: string): string {
  return `kvmnet vm xml ${quoted(name)} --inactive --security-info | kvmnet vm define - makes it persistent`;
}

/**
 * Turns autostart of a domain on or off.
 * @throws CONFLICT for a transient domain: libvirt has no file of it to start from
 */
export function planDomainAutostart(domain: DomainFacts, autostart: boolean): Plan {
  const { name, uuid, persistent } = domain;
  if (!persistent) {
    throw new KvmnetError('CONFLICT', `${name} is transient: it is gone when it stops`, {
      hint: makePersistent(name),
    });
  }
  return planDomainLifecycle(domain, { call: 'domainSetAutostart', domain: uuid, autostart });
}

/** virDomainUndefineFlagsValues. Source: libvirt-domain.h; `keepTpm` since 8.9 */
const undefineFlags = {
  managedSave: 1,
  snapshots: 2,
  nvram: 4,
  keepNvram: 8,
  checkpoints: 16,
  keepTpm: 64,
} as const;

/** Data of a domain that is lost with its definition. */
export interface DomainExtras {
  readonly managedSave: boolean;
  readonly snapshots: number;
  readonly checkpoints: number;
}

/** The state of a domain when its definition is removed. */
export interface Undefinition {
  /** Its definition with its secrets; undefined for a transient domain. */
  readonly definition: string | undefined;
  readonly extras: DomainExtras;
}

/** Removes a definition with the given flags; the title names what libvirt deletes with it. A running domain keeps running until it stops. */
export function planDomainUndefine(domain: DomainFacts, { definition, extras }: Undefinition, flags: number): Plan {
  const { name } = domain;
  const has = (bit: number): boolean => (flags & bit) !== 0;
  const lost = [
    ...(extras.managedSave && has(undefineFlags.managedSave) ? ['its managed save'] : []),
    ...(extras.snapshots > 0 && has(undefineFlags.snapshots) ? ['the metadata of its snapshots'] : []),
    ...(extras.checkpoints > 0 && has(undefineFlags.checkpoints) ? ['the metadata of its checkpoints'] : []),
    ...(has(undefineFlags.nvram) ? ['its NVRAM'] : []),
  ];
  const title = `undefine ${name}${lost.length === 0 ? '' : ` and delete ${lost.join(', ')}, which undo does not restore`}`;
  const steps = definition === undefined ? [] : [undefineStep(domain, definition, flags, title)];
  return { title, steps, warnings: [], consent: [] };
}

function undefineStep({ uuid, autostart }: DomainFacts, definition: string, flags: number, title: string): Step {
  const marked: readonly Action[] = autostart ? [{ call: 'domainSetAutostart', domain: uuid, autostart }] : [];
  return {
    title,
    do: { call: 'domainUndefine', domain: uuid, ...(flags === 0 ? {} : { flags }) },
    undo: [{ call: 'domainDefine', xml: definition }, ...marked],
    verify: { expect: 'domain', domain: uuid, defined: false },
  };
}

export interface DomainDeletePlan extends Plan {
  /** The files, devices and volumes that stay. */
  readonly kept: readonly string[];
}

/**
 * Removes a domain; its disks and its NVRAM stay. Asks if data is lost that undo cannot restore.
 * @param force whether to power off a running domain
 * @throws CONFLICT for a running domain, without `force`
 */
export function planDomainDelete(
  domain: DomainState,
  { definition, extras }: Undefinition,
  { force }: { readonly force: boolean },
  state: Pick<State, 'connection'>,
): DomainDeletePlan {
  const { name, uuid, active, xml } = domain;
  if (active && !force) {
    throw new KvmnetError('CONFLICT', `${name} is running`, {
      hint: `shut it down: kvmnet vm stop ${quoted(name)}; or power it off: kvmnet vm delete ${quoted(name)} --force`,
    });
  }
  const storage = storageOf(definition ?? xml);
  const title = `delete ${name}`;
  const { managedSave, snapshots, checkpoints } = undefineFlags;
  const flags =
    keepFlags(storage, state) |
    (extras.managedSave ? managedSave : 0) |
    (extras.snapshots > 0 ? snapshots : 0) |
    (extras.checkpoints > 0 ? checkpoints : 0);
  return {
    title,
    steps: [
      ...(active ? [lifecycleStep(domain, { call: 'domainDestroy', domain: uuid })] : []),
      ...(definition === undefined ? [] : [undefineStep(domain, definition, flags, `undefine ${name}`)]),
    ],
    warnings: [],
    consent: lostWith(domain, { definition, extras }, storage, flags),
    kept: [...storage.disks, ...(storage.nvram === undefined ? [] : [storage.nvram])],
  };
}

/** Flags that keep what libvirt would else delete with a definition, or refuse to delete. */
export function keepFlags({ hasFirmware, nvram, hasTpm }: DomainStorage, state: Pick<State, 'connection'>): number {
  return (
    (hasFirmware || nvram !== undefined ? undefineFlags.keepNvram : 0) |
    (hasTpm && hasRelease(state, [8, 9]) ? undefineFlags.keepTpm : 0)
  );
}

function lostWith(
  { name }: DomainFacts,
  { definition, extras }: Undefinition,
  { hasTpm }: DomainStorage,
  flags: number,
): readonly string[] {
  const forgotten = (count: number, noun: string): readonly string[] =>
    count === 0
      ? []
      : [
          `${name} has ${String(count)} ${noun}${count === 1 ? '' : 's'}: libvirt forgets them, and undo does not restore that`,
        ];
  return [
    ...(definition === undefined
      ? [`${name} is transient: it is gone when it stops, and undo does not restore it`]
      : []),
    ...(extras.managedSave
      ? [`${name} has a managed save: the memory it would resume with is deleted, and undo does not restore it`]
      : []),
    ...forgotten(extras.snapshots, 'snapshot'),
    ...forgotten(extras.checkpoints, 'checkpoint'),
    ...(hasTpm && (flags & undefineFlags.keepTpm) === 0
      ? [`${name} has a TPM: its state is deleted, and undo does not restore it`]
      : []),
  ];
}
