import { flowFilter, withTags } from '../../capture/filter.ts';
import type { Row } from '../../capture/rows.ts';
import { Counts, summaryText } from '../../capture/summary.ts';
import { KvmnetError } from '../../errors.ts';
import { observeNeighbors } from '../../observe/addresses.ts';
import { checkFilter, startCapture } from '../../observe/capture/capture.ts';
import { keptNat } from '../../observe/nat.ts';
import { isLocal } from '../../observe/uri.ts';
import { captureHops } from '../../topology/capture-hops.ts';
import { bounds, parseInteger } from '../../values/number.ts';
import { printable, safeJson } from '../../values/printable.ts';
import { pathScope, type Context } from '../context.ts';
import { flag, parsed, text, typed } from '../options.ts';
import { LineStream, requireLines } from '../stream.ts';
import { rowLine, rowValue, summaryValue } from '../views/explain/capture.ts';
import { parseDuration } from './vm/arguments.ts';

export const command = typed({
  arguments: [
    {
      name: '<FROM>',
      description: 'VM, VM:NIC, network namespace, host, outside or an IP address',
      completes: 'end',
    },
    { name: '[TO]', description: 'The same (default: outside, and packets to all)', completes: 'end' },
  ],
  rest: 'FILTER',
  options: {
    write: text('--write <FILE>', 'Write the packets to a pcapng file, with an interface for each hop', 'file'),
    duration: parsed('--for <TIME>', 'End after this time, for example 60s or 5m', parseDuration),
    count: parsed('--count <N>', 'End after N packets', (given, origin) => parseInteger(given, origin, bounds.entries)),
    all: flag('--all', 'Capture everything that the hops see, not only packets between FROM and TO'),
  },
  description:
    'Runs tcpdump on every device between FROM and TO until Ctrl-C. Each packet is one line with the devices that saw it, in that order; at ' +
    'the end it prints which devices saw packets, and which did not. FILTER is a filter of tcpdump (man pcap-filter) that narrows it down.',
  examples: [
    ['capture VM1 192.168.100.40', 'Show how far packets of VM1 to an address get'],
    ['capture VM1 VM2 --count 3 -- icmp', 'Capture three pings'],
    ['capture VM1 --for 60s --write VM1.pcapng', 'Write a file for Wireshark'],
  ],
  async run(context, [from = '', to], { write, duration, count, all }, rest) {
    const format = requireLines(context.options, 'capture');
    requireThisHost(context.options.uri);
    const wanted = rest.length === 0 ? undefined : rest.join(' ');
    if (wanted !== undefined) await checkFilter(wanted, { onRun: context.traceRun });
    const { devices, levels, ends } = await hopsOf(context, from, to);
    const filter = flowFilter(all ? [] : ends, wanted);
    const tagged = filter === undefined ? undefined : withTags(filter);
    if (tagged !== undefined) await checkFilter(tagged, { onRun: context.traceRun });
    context.trace(`filter: ${tagged ?? 'none'}`);

    const counts = new Counts(devices);
    const stream = new LineStream(context, (dropped) =>
      format === 'json'
        ? `${safeJson({ object: 'dropped', count: dropped })}\n`
        : `${String(dropped)} lines were dropped: the output is read too slowly\n`,
    );
    const onRow = (row: Row): void => {
      if (counts.rows >= (count ?? Infinity)) return;
      counts.add(row);
      stream.print(format === 'json' ? `${safeJson(rowValue(row, devices))}\n` : rowLine(row, devices));
      if (counts.rows === count) stream.end();
    };
    const failures: unknown[] = [];
    const onError = (error: unknown): void => {
      failures.push(error);
      stream.end();
    };
    const patience = context.options.timeout;
    const capture = await startCapture({ devices, levels, filter: tagged, file: write, patience, onRow, onError });
    context.say(`capturing on ${devices.join(', ')}; Ctrl-C ends it`);
    void capture.ended.then(() => {
      stream.end();
    });
    const { dropped } = await stream.whenOver(duration, () => capture.finish());
    failures.forEach(rethrow);
    const sentence = summaryText(counts.rows, counts.hops);
    if (dropped > 0) context.warn([`${String(dropped)} packets were dropped: the host is too busy`]);
    await context.print(
      format === 'json'
        ? `${safeJson(summaryValue(counts.rows, counts.hops, dropped, sentence))}\n`
        : `${printable(sentence)}\n`,
    );
    if (write !== undefined) context.say(`written to ${write}`);
    return { value: undefined, text: '' };
  },
});

function rethrow(error: unknown): never {
  throw error instanceof Error ? error : new Error(String(error));
}

/** @throws DEPENDENCY where the devices are on another host */
function requireThisHost(uri: string): void {
  if (isLocal(uri)) return;
  throw new KvmnetError('DEPENDENCY', `the devices of ${uri} are not on this machine`, {
    hint: 'run kvmnet capture on that host',
  });
}

/** @throws NOTFOUND for an unknown end, CONFLICT where no device is on the way */
async function hopsOf(context: Context, from: string, to: string | undefined) {
  const [state, neighbors] = await Promise.all([context.observe(pathScope), observeNeighbors(context)]);
  const facts = { nat: keptNat(context.options.uri), packets: undefined, now: Date.now() / 1000, neighbors };
  const found = captureHops({ from, to }, state, facts);
  const off = found.devices.filter(({ isUp }) => !isUp).map(({ name }) => name);
  if (off.length > 0) context.warn([`${off.join(', ')}: down, and so without packets`]);
  const up = found.devices.filter(({ isUp }) => isUp);
  if (up.length > 0)
    return { devices: up.map(({ name }) => name), levels: up.map(({ level }) => level), ends: found.ends };
  throw new KvmnetError('CONFLICT', `no device of this host is between ${from} and ${to ?? 'the outside'}`, {
    hint: 'kvmnet topology shows where they are; a VM has to run',
  });
}
