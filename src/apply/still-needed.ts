/**
 * An undo is done only where there is something to take back: a step that failed, or whose run was killed, may have changed nothing, and
 * libvirt would then plug a NIC in twice without a word.
 */
import type { Connection } from '../libvirt/connection.ts';
import type { Action, DeviceChange, Step } from '../plan/step.ts';
import { slotOf } from '../state/nics.ts';
import { parseDomain } from '../xml/domain.ts';

/** The part of an undo that is still needed; undefined when there is none. */
export async function stillNeeded(connection: Connection, action: Action, step: Step): Promise<Action | undefined> {
  if (step.verify.expect !== 'nic') return action;
  if (action.call !== 'domainAttachDevice' && action.call !== 'domainDetachDevice') return action;
  const lives = await livesWith(connection, action, step.verify);
  const wanted = action.call === 'domainDetachDevice';
  const live = action.live && lives.live === wanted;
  const config = action.config && lives.config === wanted;
  return live || config ? { ...action, live, config } : undefined;
}

/** Which lives of a domain have a NIC with this MAC, in this slot where another one has it too. */
async function livesWith(
  connection: Connection,
  { domain }: DeviceChange,
  { mac, slot }: { readonly mac: string; readonly slot?: string },
): Promise<{ live: boolean; config: boolean }> {
  const { active, xml, inactiveXml } = await connection.call('getDomain', { domain });
  const has = (definition: string | undefined): boolean =>
    definition !== undefined &&
    parseDomain(definition).interfaces.some(
      (nic) => nic.mac?.address === mac && (slot === undefined || slotOf(nic) === slot),
    );
  return { live: active && has(xml), config: has(inactiveXml) };
}
