import { KvmnetError } from '../../errors.ts';
import { HostWatch, seesLinks } from '../../observe/watch/host.ts';
import type { Happening, TimelineEntry } from '../../records/timeline.ts';
import type { State } from '../../state/state.ts';
import { suggestion } from '../../values/nearest.ts';
import { bounds, parseInteger } from '../../values/number.ts';
import { safeJson } from '../../values/printable.ts';
import { flag, parsed, typed } from '../options.ts';
import type { Context } from '../context.ts';
import { LineStream, requireLines } from '../stream.ts';
import { Drawing } from '../views/explain/live-topology.ts';
import { sentence, timelineLine } from '../views/explain/timeline.ts';
import { parseDuration } from './vm/arguments.ts';

export const command = typed({
  arguments: [
    { name: '[NAME...]', description: 'Networks, VMs or links of the host (default: everything)', completes: 'object' },
  ],
  options: {
    topology: flag('-t, --topology', 'Draw the network, and draw it again after each change'),
    duration: parsed('--for <TIME>', 'End after this time, for example 60s or 5m', parseDuration),
    count: parsed('--count <N>', 'End after N entries', (text, origin) => parseInteger(text, origin, bounds.entries)),
  },
  description:
    'Prints what happens, as it happens, until Ctrl-C: networks, VMs and their devices (from libvirt), links and addresses (from the kernel) and ' +
    'leases (from dnsmasq). --json prints one object a line. If the daemon goes away, that is an entry; kvmnet connects again, and reports ' +
    'what has changed in between.',
  examples: [
    ['watch', 'Print everything that happens'],
    ['watch keennet VM1 --for 5m', 'Print what happens to a network and a VM'],
    ['watch --json | jq -r .text', 'Print the sentences alone'],
    ['watch -t', 'Keep a drawing of the network up to date'],
  ],
  async run(context, names, { topology, duration, count }) {
    const format = requireLines(context.options, 'watch');
    if (topology && format === 'json') throw new KvmnetError('USAGE', '-t draws, and --json prints one object a line');
    const isMeant = await filterOf(context, names);
    const print = (entry: TimelineEntry): string =>
      format === 'json' ? `${safeJson({ ...entry, text: sentence(entry) })}\n` : timelineLine(entry);
    const stream = new LineStream(context, (dropped) =>
      print(timed({ source: 'kvmnet', object: 'timeline', event: 'dropped', count: dropped })),
    );
    let left = count ?? Infinity;
    const { uri, timeout } = context.options;
    const report = (happening: Happening): void => {
      if (stream.isOver || !isMeant(happening)) return;
      const entry = timed(happening);
      left -= 1;
      if (drawing) drawing.add(entry);
      else stream.print(print(entry));
      if (left <= 0)
        void (drawing?.finish() ?? Promise.resolve()).finally(() => {
          stream.end();
        });
    };
    const host = new HostWatch({ uri, timeout, report });
    const drawing = topology ? new Drawing(context, host, stream) : undefined;
    try {
      await host.start();
      await drawing?.draw();
      context.say(`watching ${uri}${seesLinks(uri) ? '' : ', but not the links of its host'}; Ctrl-C ends it`);
      await stream.whenOver(duration, () => host.stop());
    } finally {
      await host.stop();
    }
    return { value: undefined, text: '' };
  },
});

function timed(happening: Happening): TimelineEntry {
  return { time: new Date().toISOString(), ...happening };
}

/**
 * Which entries are about these names: a network's bridge and its ports belong to it, a VM's taps and leases to the VM.
 * @throws NOTFOUND for a name that nothing has
 */
async function filterOf(context: Context, names: readonly string[]): Promise<(happening: Happening) => boolean> {
  if (names.length === 0) return () => true;
  const state: State = await context.observe({
    leases: false,
    routes: false,
    namespaces: true,
    remoteLinks: seesLinks(context.options.uri),
  });
  const known = [state.networks, state.domains, state.host?.links ?? []].flatMap((all) => all.map(({ name }) => name));
  for (const name of names) {
    if (known.includes(name)) continue;
    throw new KvmnetError('NOTFOUND', `no network, VM or link is named '${name}'`, {
      hint: suggestion(name, known, 'kvmnet topology shows what exists'),
    });
  }
  const bridges = state.networks.filter(({ name }) => names.includes(name)).flatMap(({ bridge }) => bridge ?? []);
  const meant = new Set([...names, ...bridges]);
  return (happening) => {
    if (happening.object === 'connection' || happening.object === 'timeline') return true;
    const related = [
      happening.name,
      ...('domain' in happening ? [happening.domain] : []),
      ...('master' in happening ? [happening.master] : []),
    ];
    return related.some((name) => name !== undefined && meant.has(name));
  };
}
