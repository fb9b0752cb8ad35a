/** Programs as users who are not root: members of group libvirt, whom test/lab/enter creates. */
import { fileURLToPath } from 'node:url';
import { command, kvmnet, kvmnetResident, preloading, run, type Outcome, type RunOptions } from './host.ts';

export type Member = 'alice' | 'bob';

/**
 * The built command line as a member of group libvirt, with a home directory and, unless `env` differs, the
 * journal of the host.
 */
export async function kvmnetAs(user: Member, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const as = { user, become: becoming(user) };
  const env = environmentOf(user);
  const [program, ...first] = command;
  return (await kvmnetResident(args, options, { as, env })) ?? runAs(user, program, [...first, ...args], options);
}

export type User = Member | 'root';

/** The built command line as root or as a member of group libvirt. */
export function kvmnetBy(user: User, args: readonly string[], options?: RunOptions): Promise<Outcome> {
  return user === 'root' ? kvmnet(args, options) : kvmnetAs(user, args, options);
}

/** Any program as root or as a member of group libvirt. */
export function programBy(
  user: User,
  program: string,
  args: readonly string[],
  options?: RunOptions,
): Promise<Outcome> {
  return user === 'root' ? run(program, args, options) : runAs(user, program, args, options);
}

const hook = fileURLToPath(new URL('fault/rename.cjs', import.meta.url));

/** The built command line, killed as by kill -9 just before it renames a file to a path that the pattern matches. */
export function killedBefore(pattern: string, user: User, args: readonly string[]): Promise<Outcome> {
  return kvmnetBy(user, args, { env: { ...preloading(hook), FAULT_RENAME: pattern } });
}

/** Any program as a member of group libvirt. */
export function runAs(
  user: Member,
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Outcome> {
  const [become, ...words] = becoming(user);
  const env = { ...environmentOf(user), ...options.env };
  return run(become, [...words, program, ...args], { cwd: '/', ...options, env });
}

function becoming(user: Member): readonly [string, ...string[]] {
  return ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--init-groups', '--inh-caps=-all'];
}

function environmentOf(user: Member): NonNullable<RunOptions['env']> {
  const HOME = `/run/home/${user}`;
  const none = { XDG_CONFIG_HOME: undefined, XDG_STATE_HOME: undefined, KVMNET_STATE_DIR: undefined };
  return { HOME, USER: user, XDG_RUNTIME_DIR: HOME, ...none };
}
