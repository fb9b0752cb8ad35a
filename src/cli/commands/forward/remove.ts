import { KvmnetError } from '../../../errors.ts';
import { planForwardRemove } from '../../../plan/nat/forward.ts';
import { forwardText } from '../../../values/nat-text.ts';
import { natFacts, natScope } from '../../nat-change.ts';
import { flag, typed } from '../../options.ts';
import { changeResult } from '../../views/plan.ts';
import { portSyntax } from './arguments.ts';

export const command = typed({
  arguments: [{ name: '[PORT...]', description: `As forward list shows it: ${portSyntax}`, completes: 'forward' }],
  options: { all: flag('--all', 'Remove all forwards') },
  description:
    'Removes the rules, and the reservations that were made for the forwards. Rules of other programs stay. The last forward takes the hook and ' +
    'the files of kvmnet along.',
  examples: [
    ['forward remove 8080', 'Remove the forwards of port 8080, of TCP and UDP'],
    ['forward remove 53/udp', 'Remove the one of UDP'],
    ['forward remove --all', 'Remove all of them'],
  ],
  async run(context, ports, { all }) {
    if (all === ports.length > 0) {
      throw new KvmnetError('USAGE', all ? '--all and ports exclude each other' : 'which forward?', {
        hint: 'name its port, or --all: kvmnet forward list',
      });
    }
    const result = await context.change(async (state) => {
      const facts = await natFacts(context, state, 'remove forwards of this host');
      return planForwardRemove(all ? 'all' : ports, facts, state);
    }, natScope);
    if (result.resumed) return changeResult(context, result, result.plan.title);
    const { forwards } = result.plan;
    const done = forwards.map((forward) => `${forwardText(forward)} is no longer forwarded`).join('\n');
    return changeResult(context, result, done, { forwards });
  },
});
