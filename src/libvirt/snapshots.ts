/** The procedure on what is saved of domains. It does one whole task with its own handles, and returns plain data. */
import * as VIR from './ffi/constants.ts';
import { isLibvirtError, type virErrors } from './error.ts';
import * as c from './ffi/ffi.ts';
import type { Pointer } from './ffi/ffi.ts';
import * as s from './ffi/snapshot.ts';
import { mapExisting, present } from './native.ts';
import type { SavedRecord } from './records.ts';

/** All snapshots and managed saves of all domains, with the definition that is in each; none where the driver knows no such thing. */
export function listSaved(connection: Pointer): SavedRecord[] {
  const snapshots = ofDomains(connection, VIR.VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT, (domain) =>
    noneIf(['VIR_ERR_NO_SUPPORT'], () =>
      mapExisting(
        'virDomainListAllSnapshots',
        (list) => s.virDomainListAllSnapshots(domain, list, 0),
        s.virDomainSnapshotFree,
        (snapshot) => present('virDomainSnapshotGetXMLDesc', s.virDomainSnapshotGetXMLDesc(snapshot, 0)),
      ),
    ),
  );
  const memories = ofDomains(connection, VIR.VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE, (domain) =>
    // A file that cannot be read cannot be resumed from either.
    noneIf(['VIR_ERR_NO_SUPPORT', 'VIR_ERR_OPERATION_INVALID', 'VIR_ERR_OPERATION_FAILED'], () => [
      present('virDomainManagedSaveGetXMLDesc', s.virDomainManagedSaveGetXMLDesc(domain, 0)),
    ]),
  );
  return [
    ...snapshots.map((record) => ({ ...record, kind: 'snapshot' as const })),
    ...memories.map((record) => ({ ...record, kind: 'managed save' as const })),
  ];
}

type DomainXml = Omit<SavedRecord, 'kind'>;

/** Only domains that have any are asked: the daemon filters them by a flag. */
function ofDomains(connection: Pointer, flag: number, xmls: (domain: Pointer) => readonly string[]): DomainXml[] {
  return noneIf(['VIR_ERR_NO_SUPPORT'], () =>
    mapExisting(
      'virConnectListAllDomains',
      (list) => c.virConnectListAllDomains(connection, list, flag),
      c.virDomainFree,
      (domain) => {
        const name = present('virDomainGetName', c.virDomainGetName(domain));
        return xmls(domain).map((xml) => ({ domain: name, xml }));
      },
    ).flat(),
  );
}

function noneIf<T>(refusals: readonly (keyof typeof virErrors)[], look: () => T[]): T[] {
  try {
    return look();
  } catch (error) {
    if (isLibvirtError(error, ...refusals)) return [];
    throw error;
  }
}
