/** How the actions on the devices of domains are done and undone. */
import type { Connection } from '../../libvirt/connection.ts';
import type { DeviceChange, Expectation, NicAction } from '../../plan/step.ts';
import { slotOf } from '../../state/nics.ts';
import { lazyDomain } from '../../xml/lazy-domain.ts';
import { parseInterface, type Interface } from '../../xml/interface.ts';
import { verify as missingFrom } from '../verify/verify.ts';
import { covers } from './covers.ts';
import { noTarget, theDomain, type ActionRows } from './row.ts';

export const nicActions: ActionRows<NicAction> = {
  domainAttachDevice: {
    target: theDomain,
    // A PCI slot that is in use, for example: a NIC with the same MAC then existed before, and an undo would
    // remove that one.
    refusedBy: ['VIR_ERR_XML_ERROR'],
    stillNeeded: (connection, action, verify) => partWhere(connection, action, verify, false),
  },
  domainUpdateDevice: {
    // The definition does not show all changes of a running guest's NIC: if the kernel lacks one part, such
    // as limits, the other is set.
    target: (action) => (action.live ? undefined : theDomain(action)),
    isRestored: (connection, action, verify) =>
      'mac' in verify ? hasNicAsBefore(connection, action, verify) : Promise.resolve(true),
  },
  domainDetachDevice: {
    target: theDomain,
    stillNeeded: (connection, action, verify) => partWhere(connection, action, verify, true),
    unreleased: missingRelease,
  },
  domainDetachDeviceAlias: { target: theDomain },
  domainSetInterfaceRates: { target: noTarget },
};

interface NicKey {
  readonly mac: string;
  /** Where another NIC has the same MAC. */
  readonly slot?: string;
}

function isNic(nic: Interface, { mac, slot }: NicKey): boolean {
  return nic.mac?.address === mac && (slot === undefined || slotOf(nic) === slot);
}

/**
 * Returns the action for those definitions of a domain that have the NIC, or lack it: libvirt silently
 * attaches one twice.
 */
async function partWhere<A extends DeviceChange>(
  connection: Connection,
  action: A,
  verify: Expectation,
  isThere: boolean,
): Promise<A | undefined> {
  if (verify.expect !== 'nic') return action;
  const { active, xml, inactiveXml } = await connection.call('getDomain', { domain: action.domain });
  const has = (definition: string | undefined): boolean =>
    definition !== undefined && lazyDomain(definition).interfaces.some((nic) => isNic(nic, verify));
  const live = action.live && (active && has(xml)) === isThere;
  const config = action.config && has(inactiveXml) === isThere;
  return live || config ? { ...action, live, config } : undefined;
}

/** True if each definition that the action changes has the NIC, with all that the XML specifies. */
async function hasNicAsBefore(
  connection: Connection,
  { domain, xml, live, config }: DeviceChange,
  key: NicKey,
): Promise<boolean> {
  const found = await connection.call('getDomain', { domain });
  const wanted = parseInterface(xml);
  const has = (definition: string | undefined): boolean =>
    definition !== undefined && lazyDomain(definition).interfaces.some((nic) => isNic(nic, key) && covers(nic, wanted));
  return (!live || (found.active && has(found.xml))) && (!config || has(found.inactiveXml));
}

/** Reports a NIC that the guest has not released: libvirt reports success as soon as it has asked the guest. */
async function missingRelease(
  connection: Connection,
  action: DeviceChange,
  expected: Expectation,
): Promise<string | undefined> {
  if (expected.expect !== 'nic' || !action.live) return undefined;
  const { domain, mac, slot } = expected;
  const gone = { expect: 'nic', domain, mac, ...(slot === undefined ? {} : { slot }), live: false } as const;
  const left = await missingFrom(connection, gone, { guest: 5_000, other: 5_000 });
  return left === undefined ? undefined : `${left}: the guest has not released it`;
}
