/** Captures on several devices at once, and merges what they see. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ethernet, readFrame } from '../../capture/frame.ts';
import { interfaceBlock, packetBlock, sectionBlock } from '../../capture/pcapng.ts';
import { snapLength, type Packet } from '../../capture/pcap.ts';
import { Merge, type Row } from '../../capture/rows.ts';
import { createPrivateFile, type PrivateFile } from '../../host/files/private-file.ts';
import { startTcpdump, type Tcpdump } from '../../host/tcpdump.ts';

export { checkFilter } from '../../host/tcpdump.ts';

export interface CaptureOptions {
  readonly devices: readonly string[];
  /** Of each device: higher than the levels of the devices below it. */
  readonly levels: readonly number[];
  /** Of pcap-filter(7); undefined: everything. */
  readonly filter: string | undefined;
  /** Milliseconds that each tcpdump has to start. */
  readonly patience?: number | undefined;
  /** A pcapng file to write, with an interface for each device. */
  readonly file: string | undefined;
  /** Gets each packet, once all hops saw it, or three seconds after the first one did. */
  readonly onRow: (row: Row) => void;
  /** Something ended the capture: a full disk, a stream that is not pcap. */
  readonly onError: (error: unknown) => void;
}

export interface Capture {
  /** Settles when no device can be captured on any more. */
  readonly ended: Promise<void>;
  /** Ends all processes, hands out the last rows, and completes the file. */
  readonly finish: () => Promise<{ readonly dropped: number }>;
}

/** Milliseconds between two looks for rows that are complete. */
const interval = 200;

/** Nanoseconds that a process on a busy host may need for a packet. */
const patience = 3_000_000_000n;

/** Milliseconds before the end that packets may still come which were on their way. */
const settling = 500;

/**
 * Starts it, and waits until all devices are listened to: what only some of them could see is left out. If one fails, none is left.
 * @throws what tcpdump reports, BACKEND where the file cannot be written
 */
export async function startCapture(options: CaptureOptions): Promise<Capture> {
  const { devices, levels, filter, file, patience: startPatience, onRow, onError } = options;
  const span: { from?: bigint; to?: bigint } = {};
  const merge = new Merge(levels);
  let output: CaptureFile | undefined;
  let isBroken = false;
  const fail = (error: unknown): void => {
    if (!isBroken) onError(error);
    isBroken = true;
  };
  const take = (hop: number, packet: Packet, linkType: number): void => {
    const { time, bytes } = packet;
    if (span.from === undefined || time < span.from || (span.to !== undefined && time > span.to)) return;
    merge.add({ hop, time, frame: readFrame(bytes, linkType) });
    output?.add(hop, packet);
  };
  const linkTypes: number[] = [];
  const { running, failure } = await startAll(devices, (device, hop) => {
    const onPackets = (packets: readonly Packet[]): void => {
      for (const packet of packets) take(hop, packet, linkTypes[hop] ?? ethernet);
    };
    return startTcpdump(device, filter, { onPackets, onError: fail }, startPatience);
  });
  if (failure) {
    await stopAll(running);
    throw failure.reason;
  }
  try {
    linkTypes.push(...running.map(({ linkType }) => linkType));
    output = file === undefined ? undefined : new CaptureFile(createPrivateFile(file), devices, linkTypes);
  } catch (error) {
    await stopAll(running);
    throw error;
  }
  span.from = now();
  const hand = (until: bigint): void => {
    merge.take(until).forEach(onRow);
    try {
      output?.write(until);
    } catch (error) {
      fail(error);
    }
  };
  const timer = setInterval(() => {
    hand(now() - patience);
  }, interval);
  return {
    ended: Promise.all(running.map(({ ended }) => ended)).then(() => undefined),
    finish: async () => {
      span.to = now();
      await sleep(settling);
      await stopAll(running);
      clearInterval(timer);
      hand(span.to);
      if (isBroken) output?.discard();
      else output?.finish();
      const byKernel = running.reduce((sum, { droppedByKernel }) => sum + droppedByKernel(), 0);
      return { dropped: merge.dropped + byKernel };
    },
  };
}

/** Nanoseconds since the epoch. */
function now(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}

async function startAll(
  devices: readonly string[],
  startOne: (device: string, hop: number) => Promise<Tcpdump>,
): Promise<{ readonly running: readonly Tcpdump[]; readonly failure: PromiseRejectedResult | undefined }> {
  const started = await Promise.allSettled(devices.map(startOne));
  return {
    running: started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])),
    failure: started.find((each) => each.status === 'rejected'),
  };
}

async function stopAll(running: readonly Tcpdump[]): Promise<void> {
  await Promise.all(running.map(({ stop }) => stop()));
}

/** Packets that wait for earlier ones of other devices, at most. */
const mostWaiting = 20_000;

/** A pcapng file whose interfaces are the devices, in their order; packets are in the order of time. */
class CaptureFile {
  readonly #file: PrivateFile;
  #waiting: { readonly hop: number; readonly packet: Packet }[] = [];

  constructor(file: PrivateFile, devices: readonly string[], linkTypes: readonly number[]) {
    this.#file = file;
    file.write(sectionBlock('kvmnet'));
    devices.forEach((name, hop) => {
      file.write(interfaceBlock({ name, linkType: linkTypes[hop] ?? ethernet, snapLength }));
    });
  }

  add(hop: number, packet: Packet): void {
    this.#waiting.push({ hop, packet });
    if (this.#waiting.length >= mostWaiting) this.write(packet.time);
  }

  /** Writes what came until this time. */
  write(until: bigint): void {
    const ripe = this.#waiting.filter(({ packet }) => packet.time <= until);
    if (ripe.length === 0) return;
    this.#waiting = this.#waiting.filter(({ packet }) => packet.time > until);
    ripe.sort((left, right) => Number(left.packet.time - right.packet.time));
    for (const { hop, packet } of ripe) this.#file.write(packetBlock(hop, packet));
  }

  finish(): void {
    this.#file.finish();
  }

  discard(): void {
    this.#file.discard();
  }
}
