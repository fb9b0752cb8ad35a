/** A clean root file system of a Debian release (test/lab/clean), in which packages are installed, used and removed. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { must, root, run, type Outcome } from './host.ts';
import { atTerminal, type Seen, type Turn } from './terminal.ts';

const clean = `${root}test/lab/clean`;

export interface CleanRoot {
  /** Runs a program there, on what earlier ones have changed. */
  run(...words: readonly string[]): Promise<Outcome>;
  /** Runs a line of sh there, which has to succeed, and returns what it printed. */
  must(line: string): Promise<string>;
  /** Types into bash at a terminal there. */
  type(turns: readonly Turn[]): Promise<Seen>;
  remove(): Promise<void>;
}

export async function cleanRoot(release: 'bookworm' | 'trixie'): Promise<CleanRoot> {
  const changes = await mkdtemp(`${tmpdir()}/kvmnet-clean-`);
  // The upper layer of an overlay cannot be on another overlay, which the file system of a container often is.
  await must('mount', ['-t', 'tmpfs', 'tmpfs', changes]);
  const env = { CLEAN_CHANGES: changes };
  return {
    run: (...words) => run(clean, [release, ...words], { env, seconds: 600 }),
    must: (line) => must(clean, [release, 'sh', '-c', line], { env, seconds: 600 }),
    type: (turns) => atTerminal(`'${clean}' ${release} bash --login -i`, turns, { env }),
    async remove() {
      await must('umount', [changes]);
      await rm(changes, { recursive: true });
    },
  };
}

/** All files there, without what programs of Debian keep as caches, logs and their own records. */
export async function filesIn(there: CleanRoot): Promise<readonly string[]> {
  // The locales of base packages were left out when the root was made, and their folders are back with the first package that has any.
  const kept =
    /^\/(usr\/share\/locale|var\/(log|cache|lib\/(apt|dpkg|systemd|ucf))|tmp|run|root)(\/|$)|^\/etc\/(ld\.so\.cache|libvirt)$/;
  const found = await there.must('find / -xdev -path /offered -prune -o -print');
  return found.split('\n').filter((file) => file !== '' && !kept.test(file));
}
