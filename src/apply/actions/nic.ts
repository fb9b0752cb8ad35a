/** How the actions on the devices of domains are done and undone. */
import type { Connection } from '../../libvirt/connection.ts';
import type { DeviceChange, Expectation, NicAction } from '../../plan/step.ts';
import { slotOf } from '../../state/nics.ts';
import { parseDomain } from '../../xml/domain.ts';
import { parseInterface, type Interface } from '../../xml/interface.ts';
import { verify as missingFrom } from '../verify/verify.ts';
import { covers } from './covers.ts';
import { noTarget, theDomain, type ActionRows } from './row.ts';

export const nicActions: ActionRows<NicAction> = {
  domainAttachDevice: {
    target: theDomain,
    // A slot that is taken, say: a NIC with the same MAC is then one that was there before, and to undo the addition would remove that.
    refusedBy: ['VIR_ERR_XML_ERROR'],
    stillNeeded: (connection, action, verify) => partWhere(connection, action, verify, false),
  },
  domainUpdateDevice: {
    // What a running guest's NIC is changed to no definition tells: where the kernel lacks a part of it, limits say, the other part is set.
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

/** The lives of a domain that have the NIC, or have it not: libvirt would plug a NIC in twice without a word. */
async function partWhere<A extends DeviceChange>(
  connection: Connection,
  action: A,
  verify: Expectation,
  isThere: boolean,
): Promise<A | undefined> {
  if (verify.expect !== 'nic') return action;
  const { active, xml, inactiveXml } = await connection.call('getDomain', { domain: action.domain });
  const has = (definition: string | undefined): boolean =>
    definition !== undefined && parseDomain(definition).interfaces.some((nic) => isNic(nic, verify));
  const live = action.live && (active && has(xml)) === isThere;
  const config = action.config && has(inactiveXml) === isThere;
  return live || config ? { ...action, live, config } : undefined;
}

/** True where the NIC is in each definition that is meant, with all that the XML says of it. */
async function hasNicAsBefore(
  connection: Connection,
  { domain, xml, live, config }: DeviceChange,
  key: NicKey,
): Promise<boolean> {
  const found = await connection.call('getDomain', { domain });
  const wanted = parseInterface(xml);
  const has = (definition: string | undefined): boolean =>
    definition !== undefined &&
    parseDomain(definition).interfaces.some((nic) => isNic(nic, key) && covers(nic, wanted));
  return (!live || (found.active && has(found.xml))) && (!config || has(found.inactiveXml));
}

/** libvirt says that a NIC is out once it has asked the guest for it. */
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
