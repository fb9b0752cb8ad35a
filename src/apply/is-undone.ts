/** Whether a reading shows a step as undone: what failed, or was killed, may have changed nothing, and its undo then fails too. */
import { KvmnetError } from '../errors.ts';
import type { Connection } from '../libvirt/connection.ts';
import { updateCommand, updateFlags } from '../plan/network/section.ts';
import type { Action, DeviceChange, Expectation, NetworkUpdate, Step } from '../plan/step.ts';
import { expectationOf } from '../plan/undo.ts';
import { slotOf } from '../state/nics.ts';
import { parseDomain } from '../xml/domain.ts';
import { parseInterface } from '../xml/interface.ts';
import { verify } from './verify.ts';

/**
 * True where nothing is left to do for an action that undoes a step.
 * @param error what the action failed with
 */
export async function isUndone(connection: Connection, action: Action, step: Step, error: unknown): Promise<boolean> {
  // The VLANs of a NIC that was never plugged in, or no longer is.
  if (action.call === 'hostSetPortVlans' && error instanceof KvmnetError && error.code === 'NOTFOUND') return true;
  try {
    const missing = await verify(connection, readingFor(action, step), { guest: 0, other: 0 });
    return missing === undefined && (await hasOldDefinition(connection, action, step));
  } catch (failure) {
    if (failure instanceof KvmnetError) return false; // it cannot be read
    throw failure;
  }
}

/** What a reading must show. That a network is defined is not enough: it must have the definition that it had. */
function readingFor(action: Action, step: Step): Expectation {
  const expected = expectationOf(action, step);
  if (action.call === 'networkDefine' && expected.expect === 'network') {
    return { expect: 'definition', network: expected.network, config: action.xml };
  }
  return action.call === 'networkUpdate' && expected.expect !== 'section' ? sectionOf(action) : expected;
}

function sectionOf({ network, section, parentIndex, xml, command, flags }: NetworkUpdate): Expectation {
  const isLive = flags === 0 || (flags & updateFlags.live) !== 0;
  return {
    expect: 'section',
    network,
    section,
    parentIndex: Math.max(0, parentIndex),
    xml,
    present: command !== updateCommand.delete,
    live: isLive,
    config: (flags & updateFlags.config) !== 0,
  };
}

async function hasOldDefinition(connection: Connection, action: Action, { verify: expected }: Step): Promise<boolean> {
  if (action.call === 'domainDefine') {
    const { name, uuid } = parseDomain(action.xml);
    return (await connection.call('domainSecureXml', { domain: uuid ?? name })) === action.xml;
  }
  if (action.call !== 'domainUpdateDevice' || !('mac' in expected)) return true;
  return hasNic(connection, action, expected);
}

/** True where the NIC is in each definition that is meant, with all that the XML says of it. */
async function hasNic(
  connection: Connection,
  { domain, xml, live, config }: DeviceChange,
  { mac, slot }: { readonly mac: string; readonly slot?: string },
): Promise<boolean> {
  const found = await connection.call('getDomain', { domain });
  const wanted = parseInterface(xml);
  const has = (definition: string | undefined): boolean =>
    definition !== undefined &&
    parseDomain(definition).interfaces.some(
      (nic) => nic.mac?.address === mac && (slot === undefined || slotOf(nic) === slot) && covers(nic, wanted),
    );
  return (!live || (found.active && has(found.xml))) && (!config || has(found.inactiveXml));
}

/** True where all that `part` says is in `whole`, which may say more, but for lists: libvirt adds what it has chosen. */
export function covers(whole: unknown, part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return whole === part;
  if (typeof whole !== 'object' || whole === null) return false;
  if (Array.isArray(part) && Array.isArray(whole) && whole.length !== part.length) return false;
  const values = new Map<string, unknown>(Object.entries(whole));
  return Object.entries(part).every(([key, value]) => value === undefined || covers(values.get(key), value));
}
