/** The NIC of a domain that virsh's options or a document mean, and its removal. */
import { KvmnetError } from '../../errors.ts';
import { quoted } from '../../values/quoted.ts';
import { normalMac } from '../../values/mac.ts';
import { prepare, type Prepared } from '../nic/change.ts';
import type { Scopes } from '../../state/scopes.ts';
import { detachStep } from '../steps/nic.ts';
import type { Plan, Step } from '../step.ts';
import { nicsOf, slotOf, type Nic } from '../../state/nics.ts';
import type { DomainState, State } from '../../state/state.ts';
import type { Interface } from '../../xml/interface.ts';

/** NICs of which one of the scopes that are meant fits. A pair is one NIC, also where libvirt shows two types of it. */
export function nicsThatFit(domain: DomainState, scopes: Scopes, fits: (nic: Interface) => boolean): readonly Nic[] {
  return nicsOf(domain).filter(({ live, config }) =>
    [scopes.live ? live : undefined, scopes.config ? config : undefined].some((nic) => nic !== undefined && fits(nic)),
  );
}

/** True if a NIC matches a document in everything that libvirt compares: MAC address, PCI address and alias, if present. */
export function isMeantBy(wanted: Interface): (nic: Interface) => boolean {
  const mac = normalMac(wanted.mac?.address);
  const slot = slotOf(wanted);
  const alias = wanted.alias?.name;
  return (nic) =>
    (mac === undefined || normalMac(nic.mac?.address) === mac) &&
    (slot === undefined || slotOf(nic) === slot) &&
    (alias === undefined || nic.alias === undefined || nic.alias.name === alias);
}

/**
 * Prepares a change of this NIC in these scopes.
 * @throws CONFLICT if one of the scopes lacks the NIC: then nothing is changed, where virsh may change half of it
 */
function prepareWhole(domain: DomainState, nic: Nic, scopes: Scopes, state: Pick<State, 'connection'>): Prepared {
  const prepared = prepare({ domain, nic, wanted: scopes }, state);
  const isMissing = (scopes.live && !prepared.live) || (scopes.config && !prepared.config);
  if (!isMissing) return prepared;
  const [where, option] = prepared.live ? ['running domain', '--live'] : ['configuration', '--config'];
  throw new KvmnetError('CONFLICT', `${prepared.name} is only in the ${where}: nothing was changed`, {
    hint: `use ${option} alone`,
  });
}

/** Detaches the NIC from the running guest, which has to release it, and only then from the configuration. */
export function planVirshDetach(domain: DomainState, nic: Nic, scopes: Scopes, state: Pick<State, 'connection'>): Plan {
  const { subject, name, live, config } = prepareWhole(domain, nic, scopes, state);
  return {
    title: `detach ${name}`,
    steps: [
      ...(scopes.live && live ? [detachStep(subject, live, 'live')] : []),
      ...(scopes.config && config ? [detachStep(subject, config, 'config')] : []),
    ],
    warnings: [],
    consent: [],
  };
}

/** Detaches the device that has an alias. */
export function planDetachAlias(
  domain: DomainState,
  alias: string,
  scopes: Scopes,
  state: Pick<State, 'connection'>,
): Plan {
  const [nic] = nicsThatFit(domain, scopes, (each) => each.alias?.name === alias);
  if (!nic) return otherDevice(domain, alias, scopes);
  const plan = planVirshDetach(domain, nic, scopes, state);
  return { ...plan, steps: plan.steps.map((step) => byAlias(step, alias, scopes)) };
}

/** The same step by the alias; done once the guest was asked, unless the configuration waits for that. */
function byAlias(step: Step, alias: string, scopes: Scopes): Step {
  const { do: action, verify } = step;
  if (action.call !== 'domainDetachDevice' || verify.expect !== 'nic') return step;
  const { domain, live, config } = action;
  const asked = { ...step, do: { call: 'domainDetachDeviceAlias', domain, alias, live, config } } as const;
  return scopes.config ? asked : { ...asked, verify: { expect: 'nic', domain, mac: verify.mac } };
}

/** @throws NOTFOUND where no device has the alias */
function otherDevice({ name, uuid, active, xml, inactiveXml }: DomainState, alias: string, scopes: Scopes): Plan {
  const title = `detach the device ${alias} from ${name}`;
  const definitions = [scopes.live ? xml : undefined, scopes.config ? inactiveXml : undefined];
  if (definitions.some((definition) => definition?.includes(`<alias name='${alias}'/>`))) {
    const step: Step = {
      title,
      do: { call: 'domainDetachDeviceAlias', domain: uuid, alias, ...scopes },
      undo: [],
      verify: { expect: 'domain', domain: uuid, active },
    };
    return { title, steps: [step], warnings: [], consent: [] };
  }
  throw new KvmnetError('NOTFOUND', `${name} has no device with the alias ${JSON.stringify(alias)}`, {
    hint: `kvmnet vm nics ${quoted(name)} shows its NICs; a configuration has only aliases that begin with ua-`,
  });
}
