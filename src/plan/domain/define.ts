/** Plans that define domains: a new one, or another definition of one that exists. */
import { KvmnetError } from '../../errors.ts';
import { macHolder } from '../../state/mac-holder.ts';
import { quoted } from '../../values/quoted.ts';
import type { DomainState, State } from '../../state/state.ts';
import { unreadableDomains } from '../../state/unreadable.ts';
import type { Domain } from '../../xml/domain.ts';
import { storageOf } from '../../xml/domain-storage.ts';
import { keepFlags, makePersistent, type DomainFacts } from './changes.ts';
import { networkFor } from './lifecycle.ts';
import type { Plan } from '../step.ts';

/** The definition to store. */
export interface Definition {
  /** The exact XML, which has this UUID. */
  readonly xml: string;
  readonly name: string;
  readonly uuid: string;
  /** Have libvirt check the XML against its schema first. */
  readonly validate: boolean;
}

/** A domain that exists, with its definition and its secrets; transient ones have none. */
export interface Defined {
  readonly facts: DomainFacts;
  readonly definition: string | undefined;
}

/** Defines a domain, or redefines the one that has the UUID; libvirt checks the XML. */
export function planDomainDefine(
  { xml, name, uuid, validate }: Definition,
  existing: Defined | undefined,
  state: Pick<State, 'connection'>,
): Plan {
  const title = `${existing?.definition === undefined ? 'define' : 'redefine'} ${name}`;
  const keep = keepFlags(storageOf(xml), state);
  return {
    title,
    steps: [
      {
        title,
        do: { call: 'domainDefine', xml, ...(validate ? { validate } : {}) },
        undo: [
          existing?.definition === undefined
            ? { call: 'domainUndefine', domain: uuid, ...(keep === 0 ? {} : { flags: keep }) }
            : { call: 'domainDefine', xml: existing.definition },
        ],
        verify: { expect: 'domain', domain: uuid, defined: true },
      },
    ],
    warnings: existing?.facts.active
      ? [`${name} is running: the new definition takes effect when it is shut down and started`]
      : [],
    consent: [],
  };
}

/**
 * The UUID of a definition in libvirt's form; undefined where it has none.
 * @throws INPUT for a text that is not a UUID
 */
export function uuidOf({ uuid }: Pick<Domain, 'uuid'>): string | undefined {
  if (uuid === undefined) return undefined;
  const digits = uuid.replaceAll(/[\s-]/g, '').toLowerCase();
  const [, ...parts] = /^([\da-f]{8})([\da-f]{4})([\da-f]{4})([\da-f]{4})([\da-f]{12})$/.exec(digits) ?? [];
  if (parts.length > 0) return parts.join('-');
  throw new KvmnetError('INPUT', `<uuid> ${JSON.stringify(uuid)} is not a UUID`, {
    hint: 'omit it to have one generated, or use the output of uuidgen',
  });
}

/**
 * The domain that a definition is a new definition of, by libvirt's rule: name and UUID are both the same, or both new.
 * @throws CONFLICT where only one of them is known
 */
export function findDefined(
  name: string,
  uuid: string | undefined,
  state: Pick<State, 'domains' | 'unreadable'>,
): DomainFacts | undefined {
  const hidden = unreadableDomains(state).map((each) => ({ ...each, state: each.state ?? '' }));
  const known: readonly DomainFacts[] = [...state.domains, ...hidden];
  const same = known.find((each) => each.uuid === uuid);
  if (same && same.name !== name) {
    throw new KvmnetError('CONFLICT', `the UUID ${same.uuid} is taken by domain ${same.name}`, {
      hint: 'omit <uuid> to have one generated',
    });
  }
  const sameName = known.find((each) => each.name === name);
  if (sameName && !same) {
    throw new KvmnetError('CONFLICT', `domain ${name} already exists, with the UUID ${sameName.uuid}`, {
      hint: `choose another name; or edit its definition: kvmnet vm edit ${quoted(name)}`,
    });
  }
  return same;
}

/** Returns warnings about NICs of a definition that will fail later: missing sources, MAC addresses in use. */
export function nicRemarks(domain: Domain, uuid: string, state: State): readonly string[] {
  const others = { ...state, domains: state.domains.filter((each) => each.uuid !== uuid) };
  const own = new Map<string, string>();
  const taken: string[] = [];
  for (const [index, { mac }] of domain.interfaces.entries()) {
    const address = mac?.address?.toLowerCase();
    if (address === undefined) continue;
    const holder = own.get(address) ?? macHolder(address, others);
    if (holder !== undefined) taken.push(`the MAC ${address} is taken by ${holder}: without <mac> libvirt chooses one`);
    own.set(address, `NIC ${String(index)} of ${domain.name}`);
  }
  return [...new Set([...missingSources(domain, state), ...taken])];
}

function missingSources({ name, interfaces }: Domain, state: State): readonly string[] {
  return interfaces.flatMap((nic) => {
    try {
      networkFor(nic, { name }, state);
      return [];
    } catch (error) {
      if (!(error instanceof KvmnetError)) throw error;
      return [`${error.message}${error.hint === undefined ? '' : `; ${error.hint}`}`];
    }
  });
}

/** Definitions that were printed without passwords have none any more: libvirt takes that for what is wanted. */
export function passwordRemark(name: string, before: string | undefined, after: string): readonly string[] {
  if (before === undefined || !storageOf(before).hasPassword || storageOf(after).hasPassword) return [];
  return [
    `the new definition has no password for the graphics of ${name}, which has one; kvmnet vm xml ${quoted(name)} --inactive --security-info prints it`,
  ];
}

/** Checks that a domain can be edited. @throws CONFLICT for a transient domain */
export function requireDefinition({ name, persistent }: DomainState): void {
  if (persistent) return;
  throw new KvmnetError('CONFLICT', `${name} is transient: it has no definition to edit`, {
    hint: makePersistent(name),
  });
}
