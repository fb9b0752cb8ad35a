import { nicsOf, type Nic } from '../../state/nics.ts';
import type { DomainState } from '../../state/state.ts';
import { parseDomain } from '../../xml/domain.ts';
import type { Step } from '../step.ts';

/**
 * The steps for each NIC of a domain in turn. `steps` is given the domain as the steps before leave its definition: the test driver only knows
 * whole ones.
 */
export function eachNic(
  domain: DomainState,
  steps: (domain: DomainState, nic: Nic) => readonly Step[],
): readonly Step[] {
  let current = domain;
  return nicsOf(domain).flatMap((_, index) => {
    const nic = nicsOf(current)[index];
    const made = nic === undefined ? [] : steps(current, nic);
    current = made.reduce(redefined, current);
    return made;
  });
}

function redefined(domain: DomainState, { do: action }: Step): DomainState {
  if (action.call !== 'domainDefine') return domain;
  const inactive = parseDomain(action.xml);
  const now = domain.active ? {} : { xml: action.xml, domain: inactive };
  return { ...domain, ...now, inactiveXml: action.xml, inactive };
}
