/** Plans of virsh's commands on network filters and on their bindings to taps. */
import type { Action, Expectation, Plan, Step } from '../step.ts';

/** A document to define, as it was given, and what it calls its object; undefined where kvmnet cannot read it, and libvirt decides. */
export interface ObjectDocument {
  readonly xml: string;
  readonly name: string | undefined;
  /** Have libvirt check it against its schema first. */
  readonly validate: boolean;
}

/** A filter or a binding that exists, in libvirt's own words. */
interface Existing {
  readonly xml: string;
}

/** Defines a filter, or redefines it, with immediate effect on all its guests. */
export function planFilterDefine(
  { xml, name, validate }: ObjectDocument,
  title: string,
  existing: Existing | undefined,
): Plan {
  const back: Action = existing
    ? { call: 'filterDefine', xml: existing.xml }
    : { call: 'filterUndefine', filter: name ?? '' };
  return oneStep({
    title,
    do: { call: 'filterDefine', xml, ...(validate ? { validate } : {}) },
    undo: name === undefined ? [] : [back],
    verify: name === undefined ? unread : { expect: 'filter', filter: name, defined: true },
  });
}

/** Removes a filter; libvirt refuses while one is in use. */
export function planFilterUndefine({
  name,
  uuid,
  xml,
}: Existing & { readonly name: string; readonly uuid: string }): Plan {
  return oneStep({
    title: `undefine filter ${name}`,
    do: { call: 'filterUndefine', filter: uuid },
    undo: [{ call: 'filterDefine', xml }],
    verify: { expect: 'filter', filter: name, defined: false },
  });
}

/** Puts a filter before a tap. */
export function planBindingCreate({ xml, name, validate }: ObjectDocument): Plan {
  return oneStep({
    title: 'create a filter binding',
    do: { call: 'filterBindingCreate', xml, ...(validate ? { validate } : {}) },
    undo: name === undefined ? [] : [{ call: 'filterBindingDelete', portDev: name }],
    verify: name === undefined ? unread : { expect: 'filter binding', portDev: name, present: true },
  });
}

/** Takes the filter away from a tap: its guest is unfiltered from then on. */
export function planBindingDelete({ portDev, xml }: Existing & { readonly portDev: string }): Plan {
  return oneStep({
    title: `delete the filter binding of ${portDev}`,
    do: { call: 'filterBindingDelete', portDev },
    undo: [{ call: 'filterBindingCreate', xml }],
    verify: { expect: 'filter binding', portDev, present: false },
  });
}

/** For what no reading shows. */
export const unread: Expectation = { expect: 'nothing' };

export function oneStep(step: Step): Plan {
  return { title: step.title, steps: [step], warnings: [], consent: [] };
}
