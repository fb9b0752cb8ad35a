/** The DHCP leases of a network, for the procedures on networks. */
import koffi from 'koffi';
import * as VIR from './ffi/constants.ts';
import { isLibvirtError } from './error.ts';
import * as c from './ffi/ffi.ts';
import type { Pointer } from './ffi/ffi.ts';
import { decode, mapList } from './native.ts';
import type { LeaseRecord } from './records.ts';

const leaseStruct = koffi.struct('virNetworkDHCPLease', {
  iface: 'str',
  expirytime: 'int64_t',
  type: 'int',
  mac: 'str',
  iaid: 'str',
  ipaddr: 'str',
  prefix: 'uint',
  hostname: 'str',
  clientid: 'str',
});

interface LeaseStruct {
  readonly iface: string;
  readonly expirytime: number | bigint;
  readonly type: number;
  readonly mac: string | null;
  readonly iaid: string | null;
  readonly ipaddr: string;
  readonly prefix: number;
  readonly hostname: string | null;
  readonly clientid: string | null;
}

/** The leases of a network; undefined where the driver has none to give. */
export function networkLeases(network: Pointer, active: boolean): LeaseRecord[] | undefined {
  if (!active) return [];
  try {
    return leasesOf(network, null);
  } catch (error) {
    if (isLibvirtError(error, ...withoutLeases)) return undefined;
    throw error;
  }
}

/** Errors of a driver without leases, and of the daemon if one network's file is broken: the other networks are still listed. */
const withoutLeases = [
  'VIR_ERR_INTERNAL_ERROR',
  'VIR_ERR_NO_SUPPORT',
  'VIR_ERR_SYSTEM_ERROR',
  'VIR_ERR_OPERATION_UNSUPPORTED',
  'VIR_ERR_OPERATION_INVALID',
] as const;

/** The leases of a network, or of one MAC address. */
export function leasesOf(network: Pointer, mac: string | null): LeaseRecord[] {
  return mapList(
    'virNetworkGetDHCPLeases',
    (leases) => c.virNetworkGetDHCPLeases(network, mac, leases, 0),
    c.virNetworkDHCPLeaseFree,
    lease,
  );
}

function lease(pointer: Pointer): LeaseRecord {
  const { iface, expirytime, type, mac, iaid, ipaddr, prefix, hostname, clientid } = decode<LeaseStruct>(
    pointer,
    leaseStruct,
  );
  return {
    interface: iface,
    // koffi gives a 64-bit integer as a bigint where a number would lose digits; seconds never do.
    expires: Number(expirytime),
    family: type === VIR.VIR_IP_ADDR_TYPE_IPV4 ? 'ipv4' : 'ipv6',
    mac: mac ?? undefined,
    iaid: iaid ?? undefined,
    address: ipaddr,
    prefix,
    hostname: hostname ?? undefined,
    clientId: clientid ?? undefined,
  };
}
