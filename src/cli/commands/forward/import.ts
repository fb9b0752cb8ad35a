import type { WantedForward } from '../../../plan/nat/forward.ts';
import { planNatImport } from '../../../plan/nat/import.ts';
import { parseArrival, parseTarget } from '../../../values/forward.ts';
import { parseForwardFile, type ImportedLine } from '../../../values/forward-file.ts';
import { parseSubnet } from '../../../values/subnet.ts';
import { parseSourceTo, type WantedSource } from '../../../plan/nat/source.ts';
import { parseDeviceName } from '../../../values/name.ts';
import { forwardFacts, hookWarnings, natScope } from '../../nat-change.ts';
import { typed } from '../../options.ts';
import { readDocument } from '../../terminal/input-file.ts';
import { changeResult } from '../../views/plan.ts';
import { family, proto, wantedForward } from './arguments.ts';

export const command = typed({
  arguments: [{ name: '<FILE>', description: 'File, or - for standard input', completes: 'file' }],
  options: { proto, family },
  description:
    'Each line is [LISTEN:]PORT[-PORT][/PROTOCOL] TARGET[:PORT], or a rule of iptables with DNAT, SNAT or MASQUERADE. All lines are added in one ' +
    'change, or none. Existing forwards stay as they are.',
  examples: [
    ['forward import forwards.txt', 'Add them all at once'],
    ['forward import - --dry-run', 'Show what the lines of standard input would add'],
  ],
  async run(context, [file = ''], options) {
    const lines = parseForwardFile(await readDocument(context, file));
    const forwards = lines.flatMap((line) => (line.kind === 'forward' ? [forwardOf(line, options)] : []));
    const sources = lines.flatMap((line) => (line.kind === 'source' ? [sourceOf(line)] : []));
    const result = await context.change(async (state) => {
      const facts = await forwardFacts(context, state);
      const plan = planNatImport({ forwards, sources }, facts, state, Date.now() / 1000);
      return { ...plan, hook: hookWarnings(facts) };
    }, natScope);
    if (result.resumed) return changeResult(context, result, result.plan.title);
    const { plan } = result;
    context.warn(plan.hook);
    const done = `added: ${String(plan.forwards.length)} forwards, ${String(plan.sources.length)} source NAT`;
    return changeResult(context, result, done, { forwards: plan.forwards, sources: plan.sources });
  },
});

type Given = Parameters<typeof wantedForward>[2];

/** The protocol of a rule of iptables, or of the line itself, goes before the option's. */
function forwardOf(line: ImportedLine & { readonly kind: 'forward' }, options: Given): WantedForward {
  const ofLine = line.protocol === undefined ? options.proto : [line.protocol];
  return wantedForward(parseArrival(line.arrival), parseTarget(line.target), { ...options, proto: ofLine });
}

function sourceOf({ subnet, dev, to }: ImportedLine & { readonly kind: 'source' }): WantedSource {
  return { subnet: parseSubnet(subnet, '-s'), dev: parseDeviceName(dev, '-o'), to: parseSourceTo(to, '--to-source') };
}
