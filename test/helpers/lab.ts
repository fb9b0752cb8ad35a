/** The virtual machines of test/lab/lab: whole hosts with Debian's kernel, for what a namespace cannot show. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { command, isExecutable, root, run, type Outcome } from './host.ts';

/** Folder in which test/lab/lab keeps its kernel and images, and a static `busybox`. */
export const labCache =
  process.env['LAB_CACHE'] ?? `${process.env['XDG_CACHE_HOME'] ?? `${homedir()}/.cache`}/kvmnet-lab`;

/** Seconds after which a machine is ended: it hangs then. */
export const labLimit = 1800;

/** The project is at another place there. */
const labCommand = command.map((word) => word.replace(root, '/lab/src/')).join(' ');

/** The first lines of each script: the word kvmnet is the command line under test. */
const beginning = `cd /lab/src
mkdir -p /tmp/words
printf '#!/bin/sh\\nexec %s "$@"\\n' '${isExecutable ? labCommand : labCommand.replace(process.execPath, 'node')}' >/tmp/words/kvmnet
chmod +x /tmp/words/kvmnet; PATH=/tmp/words:$PATH${isExecutable ? `; export KVMNET_PROGRAM=${labCommand}` : ''}`;

export interface LabOptions {
  /** Network cards eno1, eno2, … without a cable. */
  readonly nics?: number;
  /** When the machine is ended; a loaded machine of ours is ten times as slow as an idle one. */
  readonly seconds?: number;
  /** Whether its kernel has iptables. Programs then run a third as fast. */
  readonly iptables?: boolean;
}

/**
 * Runs a bash script as root in a virtual machine of its own; it starts in /lab/src, the project, read-only, and
 * has the command line under test as `kvmnet`. All that it
 * prints is in `stdout`. `test/lab/enter COMMAND` there starts a libvirtd that sees the NICs of the machine.
 * @throws Error with the console of the machine when it did not come to an end
 */
export async function runInLab(
  script: string,
  { nics = 2, seconds = labLimit, iptables = false }: LabOptions = {},
): Promise<Outcome> {
  const out = await mkdtemp(`${tmpdir()}/kvmnet-lab-`);
  try {
    await writeFile(`${out}/script.sh`, `${beginning}\n${script}`);
    const { stderr } = await run(`${root}test/lab/lab`, ['run', '-n', String(nics), `${out}/script.sh`], {
      env: { LAB_OUT: out, LAB_SRC: root, LAB_TIMEOUT: String(seconds), LAB_IPTABLES: iptables ? 'host1' : '' },
      seconds: seconds + 30,
    });
    return await outcomeOf(out, 'host1', seconds, stderr);
  } finally {
    await rm(out, { recursive: true });
  }
}

/**
 * Runs several scripts one after the other on one private host (test/lab/enter) in one machine, where a daemon takes half a minute to start.
 * @returns what each printed, and its status
 */
export async function runEachInLab<Name extends string>(
  scripts: Readonly<Record<Name, string>>,
  options: LabOptions = {},
): Promise<Readonly<Record<Name, Outcome>>> {
  const names = Object.keys(scripts) as Name[];
  const parts = names.map(
    (name, index) => `cat >/tmp/part${index} <<'PART OF THE SCRIPT'
${scripts[name]}
PART OF THE SCRIPT`,
  );
  const all = names.map((name, index) => `bash /tmp/part${index}; echo "==== ${name} $?"`);
  const script = [...parts, "cat >/tmp/parts <<'ALL PARTS'", ...all, 'ALL PARTS', 'test/lab/enter bash /tmp/parts'];
  const { stdout } = await runInLab(script.join('\n'), options);
  let rest = stdout;
  const outcomes = names.map((name) => {
    const [said = '', after] = rest.split(new RegExp(`^==== ${name} `, 'm'));
    if (after === undefined) throw new Error(`the machine did not come to the end of ${name}:\n${rest}`);
    const [status = '', ...lines] = after.split('\n');
    rest = lines.join('\n');
    return [name, { stdout: said, stderr: '', status: Number(status) }] as const;
  });
  return Object.fromEntries(outcomes) as Record<Name, Outcome>;
}

/**
 * The same for two or more machines, host1, host2, …, whose eno1 are joined by a cable; `lab-barrier NAME` in the scripts waits for all.
 * @param iptables the numbers of the machines whose kernel has iptables
 * @returns what each of them printed, and its status
 */
export async function runInLabHosts(
  scripts: readonly string[],
  { iptables = [], seconds = labLimit }: { readonly iptables?: readonly number[]; readonly seconds?: number } = {},
): Promise<Outcome[]> {
  const out = await mkdtemp(`${tmpdir()}/kvmnet-lab-`);
  try {
    const files = scripts.map((_, index) => `${out}/script${index + 1}.sh`);
    for (const [index, script] of scripts.entries()) await writeFile(files[index]!, `${beginning}\n${script}`);
    const LAB_IPTABLES = iptables.map((number) => `host${number}`).join(' ');
    const { stderr } = await run(`${root}test/lab/lab`, ['hosts', ...files], {
      env: { LAB_OUT: out, LAB_SRC: root, LAB_TIMEOUT: String(seconds), LAB_IPTABLES },
      seconds: seconds + 30,
    });
    return await Promise.all(scripts.map((_, index) => outcomeOf(out, `host${index + 1}`, seconds, stderr)));
  } finally {
    await rm(out, { recursive: true });
  }
}

async function outcomeOf(out: string, host: string, seconds: number, stderr: string): Promise<Outcome> {
  const status = await readFile(`${out}/${host}.rc`, 'utf8').catch(async () => {
    const texts = [`${out}/${host}.console`, `${out}/${host}.log`].map((file) =>
      readFile(file, 'utf8').catch(() => ''),
    );
    throw new Error(
      [`${host} did not come to an end within ${seconds} s`, stderr, ...(await Promise.all(texts))].join('\n'),
    );
  });
  return { stdout: await readFile(`${out}/${host}.log`, 'utf8'), stderr: '', status: Number(status) };
}

/**
 * The lines of a script that define a container in a machine: a guest that runs a busybox, and as soon as it has a NIC, sets that up.
 * @param setup further commands of it; `$n` is the NIC, `$b` busybox
 */
export function defineContainer(name: string, setup: readonly string[] = []): string {
  const lines = [
    'b=/bin/busybox',
    `until n=$($b ip -o link | $b sed -n 's/^[0-9]*: \\([ev][^@:]*\\).*/\\1/p') &amp;&amp; [ -n "$n" ]; do $b sleep 1; done`,
    '$b ip link set $n up',
    ...setup,
    'while :; do $b sleep 1000; done',
  ];
  return `mkdir -p /tmp/${name}/{bin,dev,proc,sys}; cp ${labCache}/busybox /tmp/${name}/bin/
cat >/tmp/${name}.xml <<'XML'
<domain type="lxc"><name>${name}</name><memory unit="MiB">64</memory><features><privnet/></features>
<os><type>exe</type><init>/bin/busybox</init><initarg>sh</initarg><initarg>-c</initarg>
<initarg>${lines.join('\n')}</initarg><initarg>inside-${name}</initarg></os>
<devices><filesystem type="mount"><source dir="/tmp/${name}"/><target dir="/"/></filesystem><console type="pty"/></devices></domain>
XML
virsh -q -c lxc:///system define /tmp/${name}.xml`;
}
