/** tcpdump(8), one process for each device. */
import { setTimeout as sleep } from 'node:timers/promises';
import { PcapReader, snapLength, type Packet } from '../capture/pcap.ts';
import { KvmnetError } from '../errors.ts';
import { run, type RunOptions } from './run.ts';
import { startProgram, type RunningProgram } from './running.ts';

/**
 * Checks a filter without capturing anything.
 * @throws INPUT with tcpdump's own words, DEPENDENCY where it is not installed
 */
export async function checkFilter(filter: string, options: Pick<RunOptions, 'onRun'> = {}): Promise<void> {
  try {
    await run('tcpdump', ['-d', '-y', 'EN10MB', '--', filter], options);
  } catch (error) {
    if (!(error instanceof KvmnetError) || error.code !== 'BACKEND') throw error;
    const [, reason = error.message] = /tcpdump: (.*)/.exec(String(error.details['stderr'])) ?? [];
    throw new KvmnetError('INPUT', `tcpdump does not understand the filter '${filter}': ${reason}`, {
      hint: "filters look like 'icmp', 'tcp port 80' or 'host 192.168.100.40': man pcap-filter",
      cause: error,
    });
  }
}

export interface TcpdumpEvents {
  readonly onPackets: (packets: readonly Packet[]) => void;
  /** tcpdump's stream cannot be read, or what onPackets throws. */
  readonly onError: (error: unknown) => void;
}

export interface Tcpdump extends RunningProgram {
  /** LINKTYPE_… of its packets. */
  readonly linkType: number;
  /** The number of packets that the kernel could not hand to it, known at its end. */
  readonly droppedByKernel: () => number;
}

/** Milliseconds that tcpdump has to open a device, if nothing else is asked for: many of them start at once, and a virtual machine may be slow. */
const startPatience = 120_000;

/**
 * Starts a capture on a device, and waits until it sees packets.
 * @throws PERMISSION, BACKEND with tcpdump's own words, TIMEOUT
 */
export async function startTcpdump(
  device: string,
  filter: string | undefined,
  { onPackets, onError }: TcpdumpEvents,
  patience = startPatience,
): Promise<Tcpdump> {
  const reader = new PcapReader();
  let said = '';
  const listening = new AbortController();
  const look = (): void => {
    if (reader.linkType !== undefined && said.includes('listening on ')) listening.abort();
  };
  const args = ['-i', device, '-n', '-U', '--immediate-mode', '-s', String(snapLength), '-w', '-'];
  const program = await startProgram(
    'tcpdump',
    [...args, '--time-stamp-precision=nano', ...(filter === undefined ? [] : ['--', filter])],
    {
      onOutput: (bytes) => {
        try {
          onPackets(reader.push(bytes));
          look();
        } catch (error) {
          onError(error);
        }
      },
      onError: (text) => {
        said = `${said}${text}`.slice(-10_000);
        look();
      },
    },
  );
  const start = sleep(patience, 'late' as const, { signal: listening.signal }).catch(() => 'ready' as const);
  const outcome = await Promise.race([start, program.ended.then(() => 'ended' as const)]);
  const { linkType } = reader;
  if (outcome !== 'ready' || linkType === undefined) {
    listening.abort();
    await program.stop();
    throw startError(device, said, outcome === 'late');
  }
  return {
    ...program,
    linkType,
    droppedByKernel: () => Number(/(\d+) packets? dropped by kernel/.exec(said)?.[1] ?? 0),
  };
}

function startError(device: string, said: string, isLate: boolean): KvmnetError {
  const [, reason = 'it ended'] = /tcpdump: (?:[^\n]*?: )?([^\n]*)\n?(?:[^]*)$/.exec(said) ?? [];
  if (/permission/i.test(said)) {
    return new KvmnetError('PERMISSION', `only root may capture packets: ${device}: ${reason}`, {
      hint: 'repeat the command with sudo',
    });
  }
  if (isLate) return new KvmnetError('TIMEOUT', `tcpdump did not open ${device} in time`);
  return new KvmnetError('BACKEND', `tcpdump cannot capture on ${device}: ${reason}`);
}
