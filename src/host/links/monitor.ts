/** The kernel's messages about links and addresses, as `ip -o monitor link address` prints them. @see ip-monitor(8) */
import type { LinkMessage } from '../../records/timeline.ts';
import type { RunOptions } from '../run.ts';
import { startProgram, type RunningProgram } from '../running.ts';

/** The line that is printed once ip(8) gets the kernel's messages: ip itself prints nothing then. */
const listening = 'listening';

/**
 * Lines of bash that wait until the process has a netlink socket of routes with a subscription, five seconds at most: in a container such a socket
 * may have another number. Source: netlink(7), netlink_seq_show() of the kernel's net/netlink/af_netlink.c
 */
const waitForSocket = `
for try in {1..50}; do
  while read -r _ family number groups _; do
    [[ $family == 0 && $number == $$ && $groups != 00000000 ]] && break 2
  done </proc/net/netlink
  kill -0 $$ || exit
  sleep 0.1
done
echo ${listening}`;

/**
 * Starts ip(8) until its `stop` is called, and waits until it gets the kernel's messages. Text, not JSON: `ip -j monitor` prints text for links
 * anyway (iproute2 6.1).
 * @param onMessage gets each message
 * @param on the host whose messages these are; this one when left out
 * @param onLoss is called when the kernel has dropped messages: the links have to be read again
 * @throws DEPENDENCY where ip(8) is not installed
 */
export async function startMonitor(
  onMessage: (message: LinkMessage) => void,
  onLoss: () => void,
  on?: RunOptions['on'],
): Promise<RunningProgram> {
  let rest = '';
  let listens: () => void = () => undefined;
  const isListening = new Promise<void>((resolve) => (listens = resolve));
  const onOutput = (bytes: Buffer): void => {
    const lines = (rest + bytes.toString('utf8')).split('\n');
    rest = (lines.pop() ?? '').slice(0, longestLine);
    for (const line of lines) {
      if (line === listening) listens();
      const message = parseMonitorLine(line);
      if (message !== undefined) onMessage(message);
    }
  };
  const onError = (text: string): void => {
    if (text.includes('No buffer space')) onLoss();
  };
  const command = ['-o', 'monitor', 'link', 'address'];
  const monitor = await startProgram('ip', command, { onOutput, onError }, { on, meanwhile: waitForSocket });
  await Promise.race([isListening, monitor.ended]);
  return monitor;
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
