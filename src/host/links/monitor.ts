/** The kernel's messages about links and addresses, as `ip -o monitor link address` prints them. @see ip-monitor(8) */
import type { LinkMessage } from '../../records/timeline.ts';
import type { RunOptions } from '../run.ts';
import { startProgram, type RunningProgram } from '../running.ts';

/**
 * Starts ip(8) until its `stop` is called. Text, not JSON: `ip -j monitor` prints text for links anyway (iproute2 6.1).
 * @param onMessage gets each message
 * @param on the host whose messages these are; this one when left out
 * @param onLoss is called when the kernel has dropped messages: the links have to be read again
 * @throws DEPENDENCY where ip(8) is not installed
 */
export function startMonitor(
  onMessage: (message: LinkMessage) => void,
  onLoss: () => void,
  on?: RunOptions['on'],
): Promise<RunningProgram> {
  let rest = '';
  const onOutput = (bytes: Buffer): void => {
    const lines = (rest + bytes.toString('utf8')).split('\n');
    rest = (lines.pop() ?? '').slice(0, longestLine);
    for (const line of lines) {
      const message = parseMonitorLine(line);
      if (message !== undefined) onMessage(message);
    }
  };
  const onError = (text: string): void => {
    if (text.includes('No buffer space')) onLoss();
  };
  return startProgram('ip', ['-o', 'monitor', 'link', 'address'], { onOutput, onError }, on);
}

/** A line has a few hundred characters; what is longer is none. */
const longestLine = 65_536;

const head = /^(Deleted )?(\d+): ([^:\s]+?):? +(.*)$/;
const linkRest = /^<([A-Z0-9_,-]*)> mtu (\d+) (.*?)state ([A-Z]+) .*?group \S+/;
const addressRest = /^inet6? ([0-9a-f.:]+)(?: peer ([0-9a-f.:]+))?\/(\d+) (?:.*?)scope (\S+)/;

/**
 * Parses one line; undefined for a message that is about neither.
 * A bridge also reports its ports, in lines without a group: "Deleted" means the port then, not the link.
 */
export function parseMonitorLine(line: string): LinkMessage | undefined {
  const [, deleted, index, name = '', rest = ''] = head.exec(line) ?? [];
  const isDeleted = deleted !== undefined;
  const link = linkRest.exec(rest);
  if (link) {
    const [, flags = '', mtu, middle = '', operstate = ''] = link;
    return {
      ...{ kind: 'link', isDeleted, index: Number(index), name: withoutPeer(name), mtu: Number(mtu), operstate },
      up: flags.split(',').includes('UP'),
      master: /(?:^| )master (\S+) /.exec(middle)?.[1],
      mac: /\\ +link\/\S+ ([0-9a-f:]+)/.exec(rest)?.[1],
    };
  }
  const address = addressRest.exec(rest);
  if (!address) return undefined;
  const [, local = '', , prefix = '', scope = ''] = address;
  return { kind: 'address', isDeleted, index: Number(index), name, scope, address: `${local}/${prefix}` };
}

/** `eno1.10@eno1`, `vnet3@if2`, `veth1@NONE`: the device below, or the other end. */
function withoutPeer(name: string): string {
  const at = name.lastIndexOf('@');
  return at > 0 ? name.slice(0, at) : name;
}
