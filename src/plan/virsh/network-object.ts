/** Plans of virsh's commands on a network's ports, title, description and metadata. */
import { withoutPlug } from '../../xml/object-name.ts';
import type { Action, MetadataPlace, Plan } from '../step.ts';
import { oneStep, unread } from './filter.ts';

interface NamedNetwork {
  readonly name: string;
  readonly uuid: string;
}

/** Makes a port; `uuid` is the one in its XML, undefined where kvmnet cannot read that, and libvirt decides. */
export function planPortCreate(
  { name, uuid: network }: NamedNetwork,
  { xml, uuid, validate }: { readonly xml: string; readonly uuid: string | undefined; readonly validate: boolean },
): Plan {
  return oneStep({
    title: `create a port of network ${name}`,
    do: { call: 'networkPortCreate', network, xml, ...(validate ? { validate } : {}) },
    undo: uuid === undefined ? [] : [{ call: 'networkPortDelete', network, port: uuid }],
    verify: uuid === undefined ? unread : { expect: 'port', network, port: uuid, present: true },
  });
}

/** Removes the record of a port. */
export function planPortDelete(
  { name, uuid: network }: NamedNetwork,
  { uuid, xml }: { readonly uuid: string; readonly xml: string },
): Plan {
  return oneStep({
    title: `delete port ${uuid} of network ${name}`,
    do: { call: 'networkPortDelete', network, port: uuid },
    undo: [{ call: 'networkPortCreate', network, xml: withoutPlug(xml) }],
    verify: { expect: 'port', network, port: uuid, present: false },
  });
}

/** A piece of metadata as it is in one scope. */
export interface MetadataValue {
  readonly live: boolean;
  readonly config: boolean;
  readonly value: string | undefined;
}

/**
 * Sets a piece of metadata, or removes it.
 * @param prefix the prefix of an element's namespace
 * @param before what it is now in each scope that is meant
 */
export function planMetadata(
  title: string,
  place: MetadataPlace,
  { value, prefix }: { readonly value: string | undefined; readonly prefix: string | undefined },
  before: readonly MetadataValue[],
): Plan {
  const set = (where: MetadataPlace, text: string | undefined): Action => ({
    call: 'networkSetMetadata',
    ...where,
    ...(text === undefined ? {} : { value: text }),
    ...(prefix === undefined ? {} : { prefix }),
  });
  return oneStep({
    title,
    do: set(place, value),
    undo: before.map(({ live, config, value: old }) => set({ ...place, live, config }, old)),
    verify: { expect: 'metadata', ...place, present: (value ?? '') !== '' },
  });
}
