/**
 * A campaign of kills: changes of every kind by root and by members of group libvirt, each ended as kill -9 does at an event chosen by chance,
 * sometimes the run that recovers too, which another user may make. The host must then be as before the change or as after it. All that is chosen
 * follows from the seed and the number of the case.
 */
import { createHash } from 'node:crypto';
import { lstat, readFile, readdir, readlink } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { journalFiles } from '../fault/fault.ts';
import { command, kvmnet, preloading, virsh, type Outcome } from '../host.ts';
import { difference, snapshot, type Snapshot } from '../snapshot.ts';
import { kvmnetBy, programBy, type User } from '../user.ts';
import { waitFor } from '../wait.ts';

/** A change, and how the host comes back to what it was before. */
export interface Change {
  readonly name: string;
  readonly args: readonly string[];
  /** Lines of kvmnet that lead back; none where the change leaves the host as it was. */
  readonly back: readonly (readonly string[])[];
  /** Commands that lead to the state before the change, and away from it again. */
  readonly prepare?: readonly (readonly string[])[];
  readonly leave?: readonly (readonly string[])[];
  /** It changes the host itself, which members of group libvirt may not. */
  readonly needsRoot?: boolean;
}

export interface Campaign {
  readonly seed: number;
  /** Kills in all, including the kills of runs that recover. */
  readonly kills: number;
  /** Only this case. */
  readonly only?: number | undefined;
  readonly minutes: number;
  readonly changes: readonly Change[];
  /** Folders whose files are compared: content, mode, owner, links. */
  readonly folders: readonly string[];
  /** A command that changes nothing, but makes kvmnet recover from an earlier run. */
  readonly other: readonly string[];
}

/** Numbers from 0 to 1 that follow from a seed: mulberry32. */
function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const kill = fileURLToPath(new URL('kill.cjs', import.meta.url));

function crash(by: User, args: readonly string[], event: number | undefined, later = 0): Promise<Outcome> {
  const [program, ...first] = command;
  const env = { ...preloading(kill), CRASH: JSON.stringify({ event, later }) };
  return programBy(by, program, [...first, '--verbose', ...args], { env });
}

const killed = 128 + 9;
const users: readonly User[] = ['root', 'alice', 'bob'];

/** Values that are random or counters in two hosts that are otherwise the same. */
function normal(line: string): string {
  return (
    line
      .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID')
      .replaceAll(/52:54:00(:[0-9a-f]{2}){3}|\bfe(:[0-9a-f]{2}){5}/g, 'MAC')
      .replaceAll(/\bvnet\d+/g, 'vnet#')
      // libvirt forgets this number with each update of a network.
      .replace(/ connections='\d+'/, '')
  );
}

/** The kernel's own IPv6 addresses and routes, which change without any command. */
const ownIpv6 = /^(address|route) .*\b(fe80|ff00):/;

/** The live state: networks, and the source of each guest's NIC. */
async function lives(): Promise<readonly string[]> {
  const names = async (...list: readonly string[]): Promise<readonly string[]> =>
    (await virsh(...list, '--name')).split('\n').filter((name) => name !== '');
  const networks = (await names('net-list')).map(async (name) => [name, await virsh('net-dumpxml', name)] as const);
  const guests = (await names('list')).map(async (name) => [name, await virsh('domiflist', name)] as const);
  const told = await Promise.all([...networks, ...guests]);
  // virsh pads its columns as wide as the longest tap.
  return told.flatMap(([name, text]) => text.split('\n').map((line) => `live ${name} ${line.replaceAll(/ +/g, ' ')}`));
}

async function filesOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  return Promise.all(
    entries.map(async (entry) => {
      const path = `${folder}/${entry}`;
      const kind = await lstat(path);
      const content = kind.isSymbolicLink()
        ? `-> ${await readlink(path)}`
        : kind.isFile()
          ? createHash('sha256')
              .update(normal(await readFile(path, 'utf8')))
              .digest('hex')
              .slice(0, 12)
          : '';
      return `file ${path} ${kind.mode.toString(8)} ${kind.uid}:${kind.gid} ${content}`;
    }),
  );
}

/** Names of files that a writer leaves aside, where none may be left. */
async function strayFiles(): Promise<readonly string[]> {
  const folders = [
    '/etc/network',
    '/etc/libvirt',
    '/etc/kvmnet',
    process.env['KVMNET_STATE_DIR'] ?? '',
    '/run/kvmnet/watch',
  ];
  const found = await Promise.all(folders.map((folder) => readdir(folder, { recursive: true }).catch(() => [])));
  return found.flatMap((names, index) =>
    names
      .filter((name) => /\.new$|\.tmp$|(^|\/)\.kvmnet/.test(name) || folders[index]!.endsWith('/watch'))
      .map((name) => `stray file ${folders[index]!}/${name}`),
  );
}

/** Unfinished entries of the journal, by their names or their last marks, and files that belong to no entry. */
async function unsettled(): Promise<readonly string[]> {
  const names = (await journalFiles()).toSorted();
  // The last of an entry's marks counts; names sort them by their number.
  const states = (pattern: RegExp): ReadonlyMap<string | undefined, string | undefined> =>
    new Map(names.flatMap((name) => (pattern.exec(name) ? [pattern.exec(name)!.slice(1) as [string, string]] : [])));
  const own = states(/^(.+?Z-\d+)\.\d+\.(\w+)\.json$/);
  const marks = states(/^(.+?Z-\d+)\.\d+\.\d+\.(\w+)\.mark$/);
  const isSettled = (name: string): boolean => {
    const [, id] = /^(.+?Z-\d+)\./.exec(name) ?? [];
    return own.has(id) && ['done', 'undone'].includes(marks.get(id) ?? own.get(id)!);
  };
  return names.filter((name) => !isSettled(name)).map((name) => `journal ${name}`);
}

class Trial {
  readonly #campaign: Campaign;
  /** How many events a change has: it is run to its end once. */
  readonly #events = new Map<string, number>();
  readonly #after = new Map<string, Snapshot>();
  #before: Snapshot = [];
  kills = 0;

  constructor(campaign: Campaign) {
    this.#campaign = campaign;
  }

  async #look(): Promise<Snapshot> {
    const files = await Promise.all(this.#campaign.folders.map(filesOf));
    const lines = [...(await snapshot()), ...(await lives()), ...files.flat()];
    return lines
      .filter((line) => !ownIpv6.test(line))
      .map(normal)
      .sort();
  }

  /** Waits until the host is as in one of these: the kernel takes a moment for taps and addresses. */
  async #settles(states: readonly Snapshot[], what: string): Promise<Snapshot> {
    let now: Snapshot = [];
    const isOne = async (): Promise<Snapshot | undefined> => {
      now = await this.#look();
      return states.find((state) => difference(state, now) === '');
    };
    return waitFor(`the host to be as before or after: ${what}`, isOne, { seconds: 20 }).catch(() => {
      const ways = states.map((state) => difference(state, now));
      throw new Error(`the host is between two states after: ${what}\n${ways.join('\n--- or\n')}`);
    });
  }

  /** Runs kvmnet to its end, which must be good. */
  async #must(lines: readonly (readonly string[])[]): Promise<void> {
    for (const line of lines) {
      const { status, stderr } = await kvmnet([...line, '--yes']);
      if (status !== 0) throw new Error(`kvmnet ${line.join(' ')} ended with ${status}: ${stderr}`);
    }
  }

  /** The state that a change leads to, and its number of events. */
  async #learn(change: Change): Promise<number> {
    const known = this.#events.get(change.name);
    if (known !== undefined) return known;
    await this.#must(change.prepare ?? []);
    this.#before = await this.#look();
    const { stderr, status } = await crash('root', [...change.args, '--yes'], undefined);
    if (status !== 0) throw new Error(`kvmnet ${change.args.join(' ')} ended with ${status}: ${stderr}`);
    this.#after.set(change.name, await this.#quiet());
    const events = stderr.match(/^event \d+: /gm)?.length ?? 0;
    this.#events.set(change.name, events);
    await this.#must(change.back);
    await this.#settles([this.#before], `kvmnet ${change.args.join(' ')}, and the way back`);
    await this.#must(change.leave ?? []);
    return events;
  }

  /** The host once two looks at it are the same. */
  #quiet(): Promise<Snapshot> {
    let last: Snapshot | undefined;
    return waitFor('the host to be still', async () => {
      const now = await this.#look();
      const same = last !== undefined && difference(last, now) === '';
      last = now;
      return same && now;
    });
  }

  /** Runs one case; reports what it did. */
  async run(number: number): Promise<string> {
    const { seed, changes, other } = this.#campaign;
    const random = chance(seed * 1_000_003 + number);
    const pick = (count: number): number => Math.floor(random() * count);
    const change = changes[(number + seed) % changes.length]!;
    const events = await this.#learn(change);
    await this.#must(change.prepare ?? []);
    this.#before = await this.#look();
    const said: string[] = [];
    const story = (): string => said.join('; ');
    // Each run is by a user of its own choice.
    const user = (): User => (change.needsRoot ? 'root' : users[pick(users.length)]!);
    const killedUsers = new Set<User>();
    const kill = async (args: readonly string[], event: number, later: number): Promise<boolean> => {
      const by = user();
      killedUsers.add(by);
      const { status, stderr } = await crash(by, [...args, '--yes'], event, later);
      const where = /^killed at event .*$/m.exec(stderr)?.[0] ?? 'it ended before';
      said.push(`${by}: kvmnet ${args.join(' ')} ${where}`);
      if (status === killed) this.kills += 1;
      return status === killed;
    };
    // A kill in the middle of a program or a call of libvirt comes a little after the line before it.
    const later = (): number => (random() < 0.5 ? 0 : 1 + pick(20));
    const isKilled = await kill(change.args, 1 + pick(events), later());
    const isSame = random() < 0.5;
    // Where nothing is left to recover, the same command would be another change.
    const next = async (): Promise<readonly string[]> =>
      isSame && (await unsettled()).length > 0 ? change.args : other;
    if (isKilled && random() < 0.4) await kill(await next(), 1 + pick(20), later());
    if (isKilled) {
      const line = await next();
      const settle = (by: User): Promise<Outcome> => {
        said.push(`${by}: kvmnet ${line.join(' ')}`);
        return kvmnetBy(by, [...line, '--yes']);
      };
      const first = await settle(user());
      const { status, stderr } = first.stderr.includes('only root can undo it') ? await settle('root') : first;
      if (status !== 0) throw new Error(`${story()} ended with ${status}: ${stderr}`);
    }
    const state = await this.#settles([this.#before, this.#after.get(change.name)!], story());
    // Files that only their writer, or root, can remove are removed by that user's next command.
    for (const by of killedUsers) await kvmnetBy(by, [...other, '--yes']);
    const left = [...(await unsettled()), ...(await strayFiles())];
    if (left.length > 0) throw new Error(`left after: ${story()}\n${left.join('\n')}`);
    if (state !== this.#before) await this.#must(change.back);
    await this.#settles([this.#before], `${story()}, and the way back`);
    await this.#must(change.leave ?? []);
    return story();
  }
}

/**
 * Runs cases until enough runs were killed, or the time is over.
 * @returns the numbers of kills and cases
 * @throws Error of the first case that left the host between two states, with the command line that repeats
 * it
 */
export async function campaign(given: Campaign): Promise<{ readonly kills: number; readonly cases: number }> {
  const trial = new Trial(given);
  const deadline = performance.now() + given.minutes * 60_000;
  let cases = 0;
  for (let number = given.only ?? 0; trial.kills < given.kills && performance.now() < deadline; number += 1) {
    const story = await trial.run(number).catch((error: unknown) => {
      const again = `npm run test:crash -- --seed ${given.seed} --only ${number}`;
      throw new Error(
        `case ${number} of seed ${given.seed}: ${error instanceof Error ? error.message : String(error)}\nagain: ${again}`,
      );
    });
    cases += 1;
    if (process.env['CRASH_SAY'] === '1') process.stderr.write(`case ${number}: ${story}\n`);
    if (given.only !== undefined) break;
  }
  return { kills: trial.kills, cases };
}
