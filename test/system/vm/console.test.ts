import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { restartDaemon, signalAll, startDaemon, stopDaemon } from '../../helpers/daemon.ts';
import { makeGuest, type Guest } from '../../helpers/guest.ts';
import { hangUpAt } from '../../helpers/fault/hang-up.ts';
import { commandText, kvmnet, run, startKvmnet, virsh } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { atTerminal, type TerminalOptions, type Turn } from '../../helpers/terminal.ts';
import { waitFor } from '../../helpers/wait.ts';

const ours = commandText;
const ctrl = (key: string): string => String.fromCharCode(key.charCodeAt(0) & 0x1f);
const leave = ctrl(']');

/** virsh at a terminal starts an agent for polkit, which a private host does not have. */
const withoutAgent = (screen: string): string => screen.replace(/^Authorization not available\..*\n/m, '');

/** Typed at the console: the guest's shell answers with the result of a calculation. */
const talk = (sum: string, answer: string): readonly Turn[] => [
  [/Escape character is|connected to/, '\r'],
  ['# ', `echo ${sum}\r`],
  [answer, ''],
];

onPrivateHost('the console of a domain', () => {
  const guests: Guest[] = [];
  let folder = '';

  beforeAll(async () => {
    folder = await mkdtemp(`${tmpdir()}/kvmnet-console-`);
    guests.push(await makeGuest('spoken', { terminal: true }));
    guests.push(await makeGuest('silent', { terminal: true, start: false }));
    await waitFor('the guest to be up', async () => (await guests[0]?.console())?.includes('GUEST UP'));
  });

  afterAll(async () => {
    for (const guest of guests) await guest.remove();
    await rm(folder, { recursive: true });
  });

  /** Runs a line between two looks at the settings of its terminal; its process ID is in `pid`. */
  const atConsole = async (line: string, turns: readonly Turn[], options?: TerminalOptions) => {
    const settings = (name: string): string => `stty --save >${folder}/${name}`;
    const inner = `echo $$ >${folder}/pid; exec ${line}`.replaceAll('"', '\\"').replaceAll('$$', '\\$\\$');
    const whole = `echo ready; ${settings('before')}; sh -c "${inner}"; echo "status $?"; ${settings('after')}`;
    const said = (await atTerminal(whole, turns, options)).screen;
    const screen = withoutAgent(said.replace('ready\n', ''));
    const status = Number(/status (\d+)\n/.exec(screen)?.[1]);
    return { screen, status, settings: await Promise.all(['before', 'after'].map((name) => text(name))) };
  };

  const text = (name: string): Promise<string> => readFile(`${folder}/${name}`, 'utf8');

  const expectRestored = ([before, after]: readonly string[]): void => {
    expect(before).not.toBe('');
    expect(after).toBe(before);
  };

  it.each([
    ['vm console spoken', `connected to spoken; ^] (Ctrl + ]) leaves\n`],
    ['virsh console spoken', "Connected to domain 'spoken'\nEscape character is ^] (Ctrl + ])\n"],
    ['virsh -e ^X console --domain spoken', "Connected to domain 'spoken'\nEscape character is ^X (Ctrl + X)\n"],
    ['-q vm console spoken --escape ^X', ''],
  ])('%s passes on keys and answers, until the escape character is typed', async (line, greeting) => {
    const key = line.includes('^X') ? ctrl('X') : leave;
    const turns: readonly Turn[] =
      greeting === ''
        ? [
            ['ready', '\r'],
            ['# ', 'echo $((6*7))x\r'],
            ['42x', key],
          ]
        : [...talk('$((6*7))x', '42x'), ['', key]];
    const { screen, status, settings } = await atConsole(`${ours} ${line}`, turns);
    expect(screen.startsWith(greeting)).toBe(true);
    expect(status).toBe(0);
    expectRestored(settings);
  });

  it('shows the same as virsh does', async () => {
    const turns = [...talk('$((7*6))y', '42y'), ['# ', leave] as const];
    const theirs = await atConsole('virsh console spoken', turns);
    const own = await atConsole(`${ours} virsh console spoken`, turns);
    // The guest's echo and its prompt come in any order.
    const seen = ({ screen, ...others }: typeof own): unknown => ({
      ...others,
      screen: screen.split('\n').filter((text) => !/^\s*$|^\/|#/.test(text)),
    });
    expect(seen(own)).toEqual(seen(theirs));
    expect(own.screen).toMatch(/^Connected to domain 'spoken'\nEscape character is \^\] \(Ctrl \+ \]\)\n/);
    expect(own.screen).toMatch(/# \nstatus 0\n$/);
  });

  it('gives Ctrl-C to the guest', async () => {
    const { status } = await atConsole(`${ours} vm console spoken`, [
      [/connected to/, '\r'],
      // The guest's shell has its own settings of the line while it reads.
      ['# ', 'echo $((2+3))c; cat\r'],
      ['5c', 'some text\r'],
      [/some text\s+some text/, ctrl('C')],
      ['# ', leave],
    ]);
    expect(status).toBe(0);
  });

  describe('of which another is open', () => {
    const second = async (line: string, meanwhile: (outcome: Awaited<ReturnType<typeof atTerminal>>) => void) => {
      return atTerminal(
        `${ours} vm console spoken; echo "status $?"`,
        [...talk('$((8*5))z', '40z'), ['', ''], ['', leave]],
        {
          at: {
            3: async () => {
              meanwhile(await atTerminal(`${line}; echo "status $?"`, []));
            },
          },
        },
      );
    };

    it('is refused as by virsh, and the first stays open', async () => {
      const screens: string[] = [];
      for (const line of ['virsh console spoken', `${ours} virsh console spoken`, `${ours} vm console spoken`]) {
        const { screen } = await second(line, (outcome) => screens.push(outcome.screen));
        expect(screen).toContain('40z');
      }
      const [theirs = '', own = '', vm] = screens.map(withoutAgent);
      expect(own.replace(/^hint: .*\n/m, '')).toBe(theirs);
      expect(theirs).toContain('Active console session exists for this domain');
      expect(vm).toContain('cannot open the console of spoken: ');
      expect(vm).toContain('\nhint: kvmnet vm console spoken --force closes the other one\n');
    });

    it('takes its place with --force', async () => {
      let other = '';
      const force = async (): Promise<void> => {
        const line = `${ours} virsh console spoken --force; echo "status $?"`;
        other = (await atTerminal(line, [...talk('$((9*6))z', '54z'), ['', leave]])).screen;
      };
      const turns = talk('$((8*6))z', '48z');
      const first = await atConsole(`${ours} vm console spoken`, turns, { at: { 2: force } });
      expect(other).toMatch(/54z\n[^]*status 0\n$/);
      expect(first.screen).toContain('error: the console of spoken broke off: ');
      expect(first.status).toBe(1);
      expectRestored(first.settings);
    });
  });

  it.each(['console silent', 'console nosuch', 'console', 'console spoken --devname nosuch', '-r console spoken'])(
    'virsh %s is refused as by virsh',
    async (line) => {
      const [theirs, own] = [await atConsole(`virsh ${line}`, []), await atConsole(`${ours} virsh ${line}`, [])];
      const withoutHint = own.screen.replaceAll(/^hint: .*\n/gm, '');
      expect({ ...own, screen: withoutHint }).toEqual(theirs);
      expect(own.status).toBe(1);
    },
  );

  it('of virsh needs a terminal, as with virsh', async () => {
    const [theirs, own] = await Promise.all([
      run('virsh', ['console', 'spoken']),
      kvmnet(['virsh', 'console', 'spoken']),
    ]);
    expect({ ...own, stderr: own.stderr.replace(/^hint: .*\n/m, '') }).toEqual(theirs);
    expect(theirs.stderr).toContain('Cannot run interactive console without a controlling TTY');
  });

  it.each([
    ['silent', /^error: silent is not running, and so has no console\nhint: kvmnet vm start silent\n/, 2],
    ['spokn', /^error: no domain "spokn"\nhint: did you mean spoken\?\n/, 2],
    [
      'spoken --device nosuch',
      /^error: cannot open console nosuch of spoken: .*nosuch.*\nhint: kvmnet virsh dumpxml /,
      1,
    ],
    ['spoken --escape xx', /^error: "xx" is not an escape character\n/, 2],
    ['spoken --json', /"vm console prints what the guest writes, and no json"/, 2],
  ])('vm console %s is refused', async (words, said, expected) => {
    const { stdout, stderr, status } = await kvmnet(['vm', 'console', ...words.split(' ')]);
    expect({ stdout, status }).toEqual({ stdout: '', status: expected });
    expect(stderr).toMatch(said);
  });

  it('is not opened with --dry-run', async () => {
    const { stdout } = await kvmnet(['vm', 'console', 'spoken', '--dry-run']);
    expect(stdout).toBe('the console of spoken would be opened\n');
  });

  it('reads input from a pipe, and stays open after its end until a signal', async () => {
    const { process: child, outcome } = startKvmnet(['vm', 'console', 'spoken'], { stdin: '\necho $((40+4))p\n' });
    let said = '';
    child.stdout?.on('data', (chunk: string) => (said += chunk));
    await waitFor('the answer', () => said.includes('44p'));
    child.kill('SIGTERM');
    expect((await outcome).status).toBe(130);
  });

  it('loses nothing of what the guest writes at once', async () => {
    const stdin = "\nhead -c 700000 /dev/zero | tr '\\0' x; echo; echo all $((1+1))\n";
    const { process: child, outcome } = startKvmnet(['vm', 'console', 'spoken'], { stdin });
    let said = '';
    child.stdout?.on('data', (chunk: string) => (said += chunk));
    await waitFor('the end', () => said.includes('all 2'), { seconds: 120 });
    child.kill('SIGTERM');
    await outcome;
    expect(/x{1000,}/.exec(said)?.[0].length).toBe(700_000);
  });

  it.each(['TERM', 'HUP', 'INT', 'QUIT'])('is left by SIG%s, with the terminal as it was', async (signal) => {
    const { status, settings } = await atConsole(`${ours} vm console spoken`, [...talk('$((2*4))s', '8s')], {
      at: { 2: async () => signalAll(signal, await text('pid')) },
    });
    expect(status).toBe(130);
    expectRestored(settings);
  });

  it('is left when the terminal is closed', async () => {
    const hangUp = { line: 'virStreamEventAddCallback', stderr: 'pipe' } as const;
    const { status } = await hangUpAt(hangUp, ['vm', 'console', 'spoken']);
    expect(status).toBe(130);
    // It can be opened again.
    const { status: again } = await atConsole(`${ours} vm console spoken`, [[/connected to/, leave]]);
    expect(again).toBe(0);
  });

  it('ends where the daemon is gone, with the terminal as it was', async () => {
    const { screen, status, settings } = await atConsole(`${ours} vm console spoken`, [...talk('$((3*4))d', '12d')], {
      at: { 2: () => stopDaemon('KILL') },
    });
    await startDaemon();
    expect(screen).toContain('error: the console of spoken broke off: ');
    expect(status).toBe(1);
    expectRestored(settings);
  });

  it('can be left where the daemon hangs', async () => {
    const { status, settings } = await atConsole(
      `${ours} vm console spoken`,
      [...talk('$((3*5))d', '15d'), ['', leave]],
      { at: { 3: async () => signalAll('STOP', (await run('pidof', ['libvirtd'])).stdout) } },
    ).finally(async () => signalAll('CONT', (await run('pidof', ['libvirtd'])).stdout));
    expect(status).toBe(0);
    expectRestored(settings);
    await restartDaemon();
  });

  it('ends when the guest stops', async () => {
    const { screen, status, settings } = await atConsole(`${ours} vm console spoken`, [
      [/connected to/, '\r'],
      ['# ', 'poweroff -f\r'],
    ]);
    expect(screen).toContain('the console of spoken was closed\n');
    expect(status).toBe(0);
    expectRestored(settings);
    expect(await virsh('domstate', 'spoken')).toBe('shut off\n');
  });
});
