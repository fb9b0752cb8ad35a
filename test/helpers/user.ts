/** Programs as users who are not root: members of group libvirt, whom test/lab/enter creates. */
import { main, run, type Outcome, type RunOptions } from './host.ts';

export type Member = 'alice' | 'bob';

/** The built command line as a member of group libvirt, with a home directory and, unless `env` says otherwise, a journal of its own. */
export function kvmnetAs(user: Member, args: readonly string[], options?: RunOptions): Promise<Outcome> {
  return runAs(user, process.execPath, [main, ...args], options);
}

/** Any program as a member of group libvirt. */
export function runAs(
  user: Member,
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Outcome> {
  const HOME = `/run/home/${user}`;
  const own = { HOME, USER: user, XDG_RUNTIME_DIR: HOME, XDG_CONFIG_HOME: undefined, XDG_STATE_HOME: undefined };
  return run('setpriv', [`--reuid=${user}`, `--regid=${user}`, '--init-groups', '--inh-caps=-all', program, ...args], {
    cwd: '/',
    ...options,
    env: { ...own, KVMNET_STATE_DIR: undefined, ...options.env },
  });
}
