import { KvmnetError } from '../../../errors.ts';
import { observeAddresses } from '../../../observe/addresses.ts';
import { hostTarget } from '../../../observe/host-target.ts';
import { loopback, openTunnel } from '../../../observe/tunnel.ts';
import { isHeld } from '../../../state/addresses.ts';
import { findDomain } from '../../../state/find-domain.ts';
import { formatEndpoint } from '../../../values/forward.ts';
import { bounds, parseInteger } from '../../../values/number.ts';
import { quoted } from '../../../values/quoted.ts';
import type { CommandDefinition, Result } from '../../command.ts';
import type { Context } from '../../context.ts';
import { render } from '../../output/output.ts';
import { vm } from './arguments.ts';

export const command: CommandDefinition = {
  arguments: [
    vm,
    { name: '<PORT>', description: 'TCP port of the guest' },
    { name: '[LOCAL]', description: 'Port of 127.0.0.1 (default: the same, or a free one if it is in use)' },
  ],
  description:
    'Opens a port of this machine that leads to the guest, until Ctrl-C. Nothing on the host changes: no rule, no file. On a remote host ' +
    '(-c qemu+ssh://HOST/system) it goes through the ssh of this machine. kvmnet forward add opens a port for other machines, and for good.',
  examples: [
    ['vm tunnel VM1 80 8080', 'http://127.0.0.1:8080 is the web server of VM1'],
    ['-c qemu+ssh://root@host2/system vm tunnel VM1 22', 'Reach a guest of another host'],
  ],
  async run(context, [name = '', typedPort = '', typedLocal]) {
    const port = parseInteger(typedPort, 'PORT', bounds.port);
    const local = typedLocal === undefined ? undefined : parseInteger(typedLocal, 'LOCAL', bounds.port);
    const on = hostTarget(context.options.uri);
    const { domain, address } = await addressOf(context, name);
    const target = { address, port };
    const resultAt = (opened: number, verb: string): Result => ({
      value: { domain, ...target, local: opened },
      text: `${loopback}:${String(opened)} ${verb} to ${domain} (${formatEndpoint(address, port)})`,
    });
    if (context.options.dryRun) return resultAt(local ?? port, 'would lead');
    context.progress.stop();
    await context.session.interruptible(
      (signal) =>
        openTunnel({ on, target, local }, signal, async (opened) => {
          const { value, text = '' } = resultAt(opened, 'leads');
          await context.print(await render({ value, text: `${text}; Ctrl-C ends it` }, context.options));
        }),
      { rollsBack: false },
    );
    return { value: undefined, text: '' };
  },
};

/** The guest's first known address, one of IPv4 before one of IPv6. */
async function addressOf(context: Context, name: string): Promise<{ domain: string; address: string }> {
  const domain = findDomain(await context.observe({ only: ['domains'], domains: [name] }), name);
  const wait = `kvmnet vm ip ${quoted(domain.name)} --wait 60s`;
  if (!domain.active) {
    throw new KvmnetError('CONFLICT', `${domain.name} is not running, and so has no address`, {
      hint: `start it: kvmnet vm start ${quoted(domain.name)}; then ${wait} waits for its address`,
    });
  }
  const held = (await observeAddresses(context, [{ domain: domain.name }], false)).flat().filter(isHeld);
  const { address } = held.find(({ family }) => family === 'ipv4') ?? held[0] ?? {};
  if (address !== undefined) return { domain: domain.name, address };
  throw new KvmnetError('CONFLICT', `no address of ${domain.name} is known`, { hint: `${wait} waits for one` });
}
