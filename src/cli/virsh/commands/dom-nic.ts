/** The NIC of a domain that virsh's options or a document mean. */
import { KvmnetError } from '../../../errors.ts';
import { prepare, type Prepared } from '../../../plan/nic/change.ts';
import type { Lives } from '../../../state/scopes.ts';
import { detachStep } from '../../../plan/steps/nic.ts';
import type { Plan } from '../../../plan/step.ts';
import { nicsOf, slotOf, type Nic } from '../../../state/nics.ts';
import type { DomainState, State } from '../../../state/state.ts';
import type { Interface } from '../../../xml/interface.ts';

/** As libvirt writes it; undefined for what is no MAC address. */
export function normalMac(text: string | undefined): string | undefined {
  if (text === undefined || !/^[0-9a-f]{1,2}(:[0-9a-f]{1,2}){5}$/i.test(text)) return undefined;
  return text
    .toLowerCase()
    .split(':')
    .map((byte) => byte.padStart(2, '0'))
    .join(':');
}

/** NICs of which one of the lives that are meant fits. A pair is one NIC, also where libvirt shows two types of it. */
export function nicsThatFit(domain: DomainState, lives: Lives, fits: (nic: Interface) => boolean): readonly Nic[] {
  return nicsOf(domain).filter(({ live, config }) =>
    [lives.live ? live : undefined, lives.config ? config : undefined].some((nic) => nic !== undefined && fits(nic)),
  );
}

/** True where a NIC is what a document says, by all that libvirt goes by: MAC, PCI address and alias, where they are there. */
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
 * What a change of this NIC in these lives is made of.
 * @throws CONFLICT where a life that is meant lacks the NIC: then nothing is done, where virsh may do half of it
 */
function prepareWhole(domain: DomainState, nic: Nic, lives: Lives, state: State): Prepared {
  const prepared = prepare({ domain, nic, wanted: lives }, state);
  const isMissing = (lives.live && !prepared.live) || (lives.config && !prepared.config);
  if (!isMissing) return prepared;
  const [where, option] = prepared.live ? ['running domain', '--live'] : ['configuration', '--config'];
  throw new KvmnetError('CONFLICT', `${prepared.name} is only in the ${where}: nothing was changed`, {
    hint: `say ${option} alone`,
  });
}

/** Takes the NIC out of the running guest, which has to let go, and only then out of the configuration. */
export function planVirshDetach(domain: DomainState, nic: Nic, lives: Lives, state: State): Plan {
  const { subject, name, live, config } = prepareWhole(domain, nic, lives, state);
  return {
    title: `take ${name} out`,
    steps: [
      ...(lives.live && live ? [detachStep(subject, live, 'live')] : []),
      ...(lives.config && config ? [detachStep(subject, config, 'config')] : []),
    ],
    warnings: [],
    consent: [],
  };
}
