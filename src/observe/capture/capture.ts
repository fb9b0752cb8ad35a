/** Captures on several devices at once, and merges what they see. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ethernet, readFrame } from '../../capture/frame.ts';
import { interfaceBlock, packetBlock, sectionBlock } from '../../capture/pcapng.ts';
import { snapLength, type Packet } from '../../capture/pcap.ts';
import { Merge, window, type Row } from '../../capture/rows.ts';
import { createPrivateFile, type PrivateFile } from '../../host/files/private-file.ts';
import { startTcpdump, type Tcpdump } from '../../host/tcpdump.ts';

export { checkFilter } from '../../host/tcpdump.ts';

export interface CaptureOptions {
  readonly devices: readonly string[];
  /** Of pcap-filter(7); undefined: everything. */
  readonly filter: string | undefined;
  /** A pcapng file to write, with an interface for each device. */
  readonly file: string | undefined;
  /** Gets each packet, about a second after the first hop saw it. */
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

/** Milliseconds after SIGINT that packets of slow devices may still come. */
const settling = 300;

/**
 * Starts it, and waits until all devices are listened to. If one fails, none is left.
 * @throws what tcpdump reports, BACKEND where the file cannot be written
 */
export async function startCapture(options: CaptureOptions): Promise<Capture> {
  const { devices, filter, file, onRow, onError } = options;
  const merge = new Merge();
  const output = file === undefined ? undefined : new CaptureFile(createPrivateFile(file), devices);
  let isBroken = false;
  const fail = (error: unknown): void => {
    if (!isBroken) onError(error);
    isBroken = true;
  };
  const started = await Promise.allSettled(
    devices.map((device, hop) =>
      startTcpdump(device, filter, {
        onPackets: (packets, linkType) => {
          for (const packet of packets) {
            merge.add({ hop, time: packet.time, frame: readFrame(packet.bytes, linkType) });
            output?.write(hop, linkType, packet);
          }
        },
        onError: fail,
      }),
    ),
  );
  const running = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const failed = started.find((each) => each.status === 'rejected');
  if (failed) {
    await stopAll(running);
    output?.discard();
    throw failed.reason;
  }
  const timer = setInterval(() => {
    merge.take(BigInt(Date.now()) * 1_000_000n - window).forEach(onRow);
  }, interval);
  return {
    ended: Promise.all(running.map(({ ended }) => ended)).then(() => undefined),
    finish: async () => {
      await sleep(settling);
      await stopAll(running);
      clearInterval(timer);
      merge.take(BigInt(Number.MAX_SAFE_INTEGER) * 1_000_000n).forEach(onRow);
      if (isBroken) output?.discard();
      else output?.finish();
      const byKernel = running.reduce((sum, { droppedByKernel }) => sum + droppedByKernel(), 0);
      return { dropped: merge.dropped + byKernel };
    },
  };
}

async function stopAll(running: readonly Tcpdump[]): Promise<void> {
  await Promise.all(running.map(({ stop }) => stop()));
}

/** A pcapng file: the block of an interface comes before its first packet. */
class CaptureFile {
  readonly #file: PrivateFile;
  readonly #devices: readonly string[];
  /** The numbers of the interfaces in the file, by the place of the device. */
  readonly #numbers = new Map<number, number>();

  constructor(file: PrivateFile, devices: readonly string[]) {
    [this.#file, this.#devices] = [file, devices];
    file.write(sectionBlock('kvmnet'));
  }

  write(hop: number, linkType: number, packet: Packet): void {
    this.#file.write(packetBlock(this.#numberOf(hop, linkType), packet));
  }

  /** Devices that saw nothing are in the file, too. */
  finish(): void {
    this.#devices.forEach((_, hop) => this.#numberOf(hop, ethernet));
    this.#file.finish();
  }

  discard(): void {
    this.#file.discard();
  }

  #numberOf(hop: number, linkType: number): number {
    const known = this.#numbers.get(hop);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(hop, number);
    this.#file.write(interfaceBlock({ name: this.#devices[hop] ?? '', linkType, snapLength }));
    return number;
  }
}
