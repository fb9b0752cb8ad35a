/** The DHCP leases of libvirt's networks, read again when a file of them changes, when one expires, or every few seconds where no file can be watched. */
import { watch, type FSWatcher } from 'node:fs';
import { KvmnetError } from '../../errors.ts';
import type { Connection } from '../../libvirt/connection.ts';
import type { LeaseHappening } from '../../records/timeline.ts';
import { leaseChanges, type NetworkLeases } from '../../state/timeline/gap.ts';

export interface LeaseWatch {
  /** The leases of the last reading. */
  readonly leases: readonly NetworkLeases[];
  /** Reads them again soon. */
  readonly check: () => void;
  readonly stop: () => void;
}

interface LeaseWatchOptions {
  readonly connection: Connection;
  readonly isLocal: boolean;
  /** The one before a gap: what has changed since then is reported. */
  readonly previous: LeaseWatch | undefined;
  readonly report: (happening: LeaseHappening) => void;
  readonly domainOf: (mac: string | undefined) => string | undefined;
  readonly onFailure: (error: KvmnetError) => void;
}

/** libvirt's helper keeps the leases of each network there: BRIDGE.status. */
const directory = '/var/lib/libvirt/dnsmasq';

/** Milliseconds that a burst of changes is waited for, and between readings where no file can be watched. */
const [burst, interval] = [200, 5_000];

/** The longest time that a timer can have: 24 days. */
const maxTimerMs = 2_147_483_647;

/** @throws the errors of the connection, at the first reading */
export async function watchLeases(options: LeaseWatchOptions): Promise<LeaseWatch> {
  const { connection, isLocal, previous, report, domainOf, onFailure } = options;
  let known: readonly NetworkLeases[] = previous?.leases ?? [];
  let isFirst = previous === undefined;
  const stop = new AbortController();
  const isStopped = (): boolean => stop.signal.aborted;
  let timer: NodeJS.Timeout | undefined;
  let isReading = false;
  let isDue = false;
  const inMs = (milliseconds: number): void => {
    clearTimeout(timer);
    if (isStopped()) return;
    timer = setTimeout(() => {
      read().catch((error: unknown) => {
        if (!(error instanceof KvmnetError)) throw error;
        if (!isStopped()) onFailure(error);
      });
    }, milliseconds).unref();
  };
  const delay = (usual: number): number => (isDue ? burst : usual);
  const read = async (): Promise<void> => {
    [isReading, isDue] = [true, false];
    const networks = await connection.call('listNetworks', { leases: true });
    isReading = false;
    if (isStopped()) return;
    const found = networks.map(({ name, leases }) => ({ network: name, leases: leases ?? [] }));
    if (!isFirst) leaseChanges(known, found, domainOf).forEach(report);
    [known, isFirst] = [found, false];
    const isPolled = !watcher && networks.some(({ active, leases }) => active && leases !== undefined);
    inMs(delay(isPolled ? interval : untilExpiry(found)));
  };
  const check = (): void => {
    isDue = true;
    if (!isReading) inMs(burst);
  };
  const watcher = isLocal ? watchDirectory(check) : undefined;
  await read();
  return {
    get leases() {
      return known;
    },
    check,
    stop: () => {
      stop.abort();
      clearTimeout(timer);
      watcher?.close();
    },
  };
}

/** Undefined where the directory does not exist, or may not be read. */
function watchDirectory(onChange: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(directory, { persistent: false }, (_event, file) => {
      if (file === null || file.endsWith('.status')) onChange();
    });
    return watcher.on('error', onChange);
  } catch {
    return undefined;
  }
}

/** Milliseconds until the first lease ends. */
function untilExpiry(all: readonly NetworkLeases[]): number {
  const ends = all.flatMap(({ leases }) => leases.map(({ expires }) => expires)).filter((expires) => expires > 0);
  const first = Math.min(...ends) * 1000 + 1_000 - Date.now();
  return Math.min(Math.max(first, 1_000), maxTimerMs);
}
