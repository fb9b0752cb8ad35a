/** Plans of virsh's commands on the host's interfaces, as libvirt configures them. */
import type { Action, Plan, Step } from '../step.ts';
import { oneStep, unread, type ObjectDocument } from './filter.ts';

/** An interface that libvirt knows, with its configuration. */
export interface KnownInterface {
  readonly name: string;
  readonly active: boolean;
  readonly xml: string;
}

/** Configures an interface, or gives one another configuration. */
export function planInterfaceDefine(
  { xml, name, validate }: ObjectDocument,
  title: string,
  existing: KnownInterface | undefined,
): Plan {
  const action = { call: 'interfaceDefine', xml, ...(validate ? { validate } : {}) } as const;
  if (name === undefined) return oneStep({ title, do: action, undo: [], verify: unread });
  return oneStep({ ...defineStep(name, xml, existing), title, do: action });
}

export function planInterfaceUndefine(known: KnownInterface): Plan {
  return oneStep(undefineStep(known));
}

export function planInterfaceStart({ name }: Pick<KnownInterface, 'name'>): Plan {
  return oneStep(startStep(name));
}

export function planInterfaceStop({ name }: Pick<KnownInterface, 'name'>): Plan {
  return oneStep(stopStep(name));
}

/** Begins or ends a transaction of all interfaces. It cannot be undone: libvirt does not report its changes. */
export function planInterfaceTransaction(title: string, phase: 'begin' | 'commit' | 'rollback'): Plan {
  return oneStep({ title, do: { call: 'interfaceTransaction', phase }, undo: [], verify: unread });
}

/** Makes a bridge over an interface, and starts it. */
export function planInterfaceBridge(
  name: string,
  bridge: { readonly name: string; readonly xml: string },
  isStarted: boolean,
): Plan {
  const steps = [defineStep(bridge.name, bridge.xml, undefined), ...(isStarted ? [startStep(bridge.name)] : [])];
  return { title: `create bridge ${bridge.name} over ${name}`, steps, warnings: [], consent: [] };
}

/**
 * Removes the only port of a bridge, and deletes the bridge.
 * @param existing the port, if libvirt already knows it as an interface
 */
export function planInterfaceUnbridge(
  bridge: KnownInterface,
  port: { readonly name: string; readonly xml: string },
  existing: KnownInterface | undefined,
  isStarted: boolean,
): Plan {
  const steps = [
    stopStep(bridge.name),
    undefineStep({ ...bridge, active: false }),
    defineStep(port.name, port.xml, existing),
    ...(isStarted ? [startStep(port.name)] : []),
  ];
  return { title: `remove ${port.name} from bridge ${bridge.name}`, steps, warnings: [], consent: [] };
}

function defineStep(name: string, xml: string, existing: KnownInterface | undefined): Step {
  return {
    title: `define interface ${name}`,
    do: { call: 'interfaceDefine', xml },
    undo: [existing ? { call: 'interfaceDefine', xml: existing.xml } : { call: 'interfaceUndefine', name }],
    verify: { expect: 'interface', name, defined: true },
  };
}

function undefineStep({ name, active, xml }: KnownInterface): Step {
  const started: readonly Action[] = active ? [{ call: 'interfaceStart', name }] : [];
  return {
    title: `undefine interface ${name}`,
    do: { call: 'interfaceUndefine', name },
    undo: [{ call: 'interfaceDefine', xml }, ...started],
    verify: { expect: 'interface', name, defined: false },
  };
}

function startStep(name: string): Step {
  return {
    title: `start interface ${name}`,
    do: { call: 'interfaceStart', name },
    undo: [{ call: 'interfaceDestroy', name }],
    verify: { expect: 'interface', name, active: true },
  };
}

function stopStep(name: string): Step {
  return {
    title: `stop interface ${name}`,
    do: { call: 'interfaceDestroy', name },
    undo: [{ call: 'interfaceStart', name }],
    verify: { expect: 'interface', name, active: false },
  };
}
