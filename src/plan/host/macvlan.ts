/** A second device on a NIC, with a MAC of its own: by it the host reaches guests that sit on the same NIC by macvtap. */
import { KvmnetError } from '../../errors.ts';
import type { State } from '../../state/state.ts';
import type { Address } from '../../records/link.ts';
import type { Plan } from '../step.ts';
import { parseNewDeviceName } from '../../values/name.ts';
import { findLink, hostOf, kindText, refuseForeign } from './find-link.ts';
import { requireFreeAddress } from './host-address.ts';
import { linkSteps } from './link-step.ts';
import { isBridge, parentDown, requireEthernet, requireShared } from './port-check.ts';
import { cidr, listed } from './wanted.ts';

export interface MacvlanOptions {
  readonly name: string;
  readonly nic: string;
  readonly address?: Address | undefined;
}

/**
 * Creates a macvlan device on a NIC.
 * @throws INPUT, NOTFOUND; CONFLICT for a NIC that is a port, and for a name or address that is taken
 */
export function planMacvlanCreate({ name, nic, address }: MacvlanOptions, state: State): Plan {
  const host = hostOf(state);
  const parent = findLink(nic, host);
  requireEthernet(parent, state);
  if (isBridge(nic, host)) refuseForeign(nic, state, (network) => `the host is in network ${network} already`);
  if (parent.master !== undefined) {
    throw new KvmnetError('CONFLICT', `${nic} is a port of ${parent.master}: it cannot carry a macvlan as well`, {
      hint: `guests and host are together on ${parent.master} already: give it the address`,
    });
  }
  requireShared(nic, host);
  const current = host.links.find((link) => link.name === name);
  if (!current) parseNewDeviceName(name, 'NAME', 'a name of a macvlan device', 'host0');
  if (current && (current.kind !== 'macvlan' || current.parent !== nic || current.macvlan?.mode !== 'bridge')) {
    throw new KvmnetError(
      'CONFLICT',
      `${name} already exists (${kindText(current)}${current.parent === undefined ? '' : ` on ${current.parent}`})`,
      {
        hint: 'choose another name',
      },
    );
  }
  const own = listed(current?.addresses ?? []);
  const isNew = address && !own.some((each) => cidr(each) === cidr(address));
  const warnings = [...parentDown(parent), ...(isNew ? requireFreeAddress(address, name, state) : [])];
  const device = { kind: 'macvlan', parent: nic, macvlan: { mode: 'bridge' }, up: true };
  const wanted = { [nic]: { up: true }, [name]: { ...device, ...(isNew ? { addresses: [...own, address] } : {}) } };
  const title = `create macvlan ${name} on ${nic}`;
  return { title, steps: linkSteps(title, wanted, host), warnings, consent: [] };
}
