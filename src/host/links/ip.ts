/** Changes links by ip(8). */
import { KvmnetError } from '../../errors.ts';
import { run, type RunOptions } from '../run.ts';

/** Where ip(8) looks and changes. */
export interface IpOptions extends RunOptions {
  /** A network namespace of that host, by the name that ip-netns(8) gave it; its own when left out. */
  readonly netns?: string | undefined;
}

/** Arguments that come before all others. */
export function inNetns({ netns }: IpOptions): readonly string[] {
  return netns === undefined ? [] : ['-n', netns];
}

/** Milliseconds that a change may take, and each of many commands: a link is gone only once no processor looks at it any more. */
const changeTimeout = 120_000;
const slowest = 500;

/**
 * Runs ip(8) with each of these lists of arguments, all in one process: the time in between is the kernel's own. Stops at the first that fails.
 * @throws DEPENDENCY where the kernel lacks what is asked for, PERMISSION, or BACKEND with the command that failed
 */
export async function runIp(commands: readonly (readonly string[])[], options: IpOptions = {}): Promise<void> {
  const [first] = commands;
  if (!first) return;
  try {
    const patient = { timeout: Math.max(changeTimeout, commands.length * slowest), ...options };
    if (commands.length === 1) await run('ip', [...inNetns(options), ...first], patient);
    else await run('ip', [...inNetns(options), '-batch', '-'], { ...patient, input: batch(commands) });
  } catch (error) {
    throw error instanceof KvmnetError && error.code === 'BACKEND' ? explained(commands, error) : error;
  }
}

/** A line each; ip(8) splits them at blanks, and takes everything behind # for a comment. */
function batch(commands: readonly (readonly string[])[]): string {
  const odd = commands.flat().find((word) => word === '' || /[\s#"'\\]/.test(word));
  if (odd !== undefined) throw new KvmnetError('INPUT', `ip(8) does not accept ${JSON.stringify(odd)}`);
  return `${commands.map((words) => words.join(' ')).join('\n')}\n`;
}

function explained(commands: readonly (readonly string[])[], error: KvmnetError): KvmnetError {
  const output = typeof error.details.stderr === 'string' ? error.details.stderr : error.message;
  const line = Number(/Command failed -:(\d+)/.exec(output)?.[1] ?? 1);
  const words = commands[line - 1] ?? [];
  const why = output.replaceAll(/^(RTNETLINK answers|Error): |\n?Command failed -:\d+|\.$/gm, '').trim();
  const command = `ip ${words.join(' ')}`;
  const context = { details: { ...error.details, command }, cause: error };
  if (output.includes('Operation not permitted')) {
    return new KvmnetError('PERMISSION', `${command}: ${why}`, { ...context, hint: 'run it as root' });
  }
  if (output.includes('Operation not supported') && words.includes('vlan_filtering')) {
    return new KvmnetError('DEPENDENCY', `the kernel of this host has no VLANs on bridges: ${why}`, {
      ...context,
      hint: 'it needs CONFIG_BRIDGE_VLAN_FILTERING',
    });
  }
  const type = words[words.indexOf('type') + 1];
  if (/Unknown device type|Operation not supported/.test(output) && words.includes('type')) {
    const module = modules[type ?? ''] ?? type ?? '';
    return new KvmnetError('DEPENDENCY', `the kernel of this host has no support for ${type ?? 'that'}: ${why}`, {
      ...context,
      hint: `load its module: modprobe ${module}; a kernel without it needs CONFIG_${(configs[type ?? ''] ?? type ?? '').toUpperCase()}`,
    });
  }
  return new KvmnetError('BACKEND', `${command} failed: ${why}`, context);
}

/** Kinds of links whose kernel module, or option, has another name. */
const modules: Readonly<Record<string, string>> = { vlan: '8021q', bond: 'bonding' };
const configs: Readonly<Record<string, string>> = { vlan: 'VLAN_8021Q', bond: 'BONDING' };
