/** Procedures on the counters and limits of interfaces. Each does one whole task with its own handles, and returns plain data. */
import { VIR_DOMAIN_AFFECT_LIVE } from './ffi/constants.ts';
import { LibvirtError } from './error.ts';
import * as c from './ffi/ffi.ts';
import type { Pointer } from './ffi/ffi.ts';
import {
  virDomainInterfaceStats,
  virDomainSetInterfaceParameters,
  virTypedParamsAddUInt,
  virTypedParamsFree,
} from './ffi/stats.ts';
import { check, using } from './native.ts';

/** The members of virDomainInterfaceStatsStruct, each a long long, in their order. */
const members = ['rxBytes', 'rxPackets', 'rxErrors', 'rxDrops', 'txBytes', 'txPackets', 'txErrors', 'txDrops'] as const;

const bytesOfMember = 8;

/** Received (rx) and sent (tx) traffic of a NIC, from the guest's view; undefined if the driver does not count it. */
export type InterfaceCounters = Readonly<Record<(typeof members)[number], number | undefined>>;

export interface InterfaceStatsRecord {
  /** As it was asked for. */
  readonly device: string;
  /** Undefined if libvirt could not read it: `problem` has the reason. */
  readonly counters: InterfaceCounters | undefined;
  readonly problem: string | undefined;
}

/** The counters of some interfaces of a running domain, named by its UUID; they are named by tap or MAC. One that fails hides no other. */
export function getInterfaceStats(
  connection: Pointer,
  { domain, devices }: { readonly domain: string; readonly devices: readonly string[] },
): InterfaceStatsRecord[] {
  return using(
    'virDomainLookupByUUIDString',
    c.virDomainLookupByUUIDString(connection, domain),
    c.virDomainFree,
    (handle) => devices.map((device) => statsOf(handle, device)),
  );
}

/** One direction's limits: kilobytes a second, and `burst` in kilobytes; 0 is none. */
export interface InterfaceRate {
  readonly average: number;
  readonly peak: number;
  readonly burst: number;
  /** Guaranteed minimum that a guest receives from its network; not available for sending. */
  readonly floor?: number;
}

/**
 * Rewrites the limits of a running domain's interface, from the guest's view, even if its definition already has them: this clears the state that a
 * failed change left in `tc`, which virDomainUpdateDeviceFlags would not do.
 */
export function domainSetInterfaceRates(
  connection: Pointer,
  args: {
    readonly domain: string;
    /** The tap or the MAC. */
    readonly device: string;
    readonly inbound: InterfaceRate;
    readonly outbound: InterfaceRate;
  },
): void {
  const { domain, device, inbound, outbound } = args;
  const list: [Pointer] = [null];
  const count: [number] = [0];
  const room: [number] = [0];
  try {
    for (const [way, rate] of [['inbound', inbound] as const, ['outbound', outbound] as const]) {
      for (const name of ['average', 'peak', 'burst', 'floor'] as const) {
        const value = rate[name];
        if (value === undefined) continue;
        check('virTypedParamsAddUInt', virTypedParamsAddUInt(list, count, room, `${way}.${name}`, value));
      }
    }
    using('virDomainLookupByUUIDString', c.virDomainLookupByUUIDString(connection, domain), c.virDomainFree, (handle) =>
      check(
        'virDomainSetInterfaceParameters',
        virDomainSetInterfaceParameters(handle, device, list[0], count[0], VIR_DOMAIN_AFFECT_LIVE),
      ),
    );
  } finally {
    virTypedParamsFree(list[0], count[0]);
  }
}

function statsOf(domain: Pointer, device: string): InterfaceStatsRecord {
  const buffer = Buffer.alloc(members.length * bytesOfMember);
  try {
    check('virDomainInterfaceStats', virDomainInterfaceStats(domain, device, buffer, buffer.length));
  } catch (error) {
    if (!(error instanceof LibvirtError)) throw error;
    return { device, counters: undefined, problem: error.message };
  }
  const counters = Object.fromEntries(
    members.map((member, index) => [member, counter(buffer, index)]),
  ) as InterfaceCounters;
  return { device, counters, problem: undefined };
}

/** -1 is libvirt's word for what is not counted. */
function counter(buffer: Buffer, index: number): number | undefined {
  const value = littleEndian
    ? buffer.readBigInt64LE(index * bytesOfMember)
    : buffer.readBigInt64BE(index * bytesOfMember);
  return value < 0n ? undefined : Number(value);
}

const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
