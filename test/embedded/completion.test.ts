import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { expectWithin } from '../helpers/figure.ts';
import { commandText, kvmnet, must, run } from '../helpers/host.ts';
import { atTerminal } from '../helpers/terminal.ts';

/** Unlike Ctrl-C, which may only end a completion that still runs, these keys wait until it has ended. */
const clearLine = '\u0015\n';

let folder: string;
let env: Record<string, string>;
beforeAll(async () => {
  folder = await mkdtemp(`${tmpdir()}/kvmnet-completion-`);
  await mkdir(`${folder}/bin`);
  await writeFile(`${folder}/bin/kvmnet`, `#!/bin/sh\nexec ${commandText} "$@"\n`);
  await chmod(`${folder}/bin/kvmnet`, 0o755);
  await mkdir(`${folder}/a folder`);
  await writeFile(`${folder}/net.xml`, '');
  env = {
    PATH: `${folder}/bin:${process.env.PATH ?? ''}`,
    KVMNET_URI: 'test:///default',
    KVMNET_COMPLETION_TIMEOUT: '60',
    HOME: folder,
  };
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe('kvmnet completion', () => {
  it.each(['bash', 'zsh', 'fish'])('prints a script for %s with instructions to install it', async (shell) => {
    const { stdout, status } = await kvmnet(['completion', shell]);
    expect(stdout).toContain(`kvmnet completion ${shell}`);
    expect(stdout).toContain('# For all users:');
    expect(status).toBe(0);
  });

  it('supports no other shell, and names the supported shells', async () => {
    const { stderr, status } = await kvmnet(['completion', 'tcsh']);
    expect(stderr).toContain('"tcsh"');
    expect(stderr).toContain('bash, zsh, fish');
    expect(status).toBe(2);
  });
});

describe('kvmnet __complete', () => {
  const complete = (...words: string[]) => kvmnet(['__complete', ...words], { env });

  it('prints a word a line, a tab and what it is', async () => {
    const { stdout, stderr, status } = await complete('vm', 'link', 'test', '');
    expect(stdout).toBe(
      ['0', 'testnet0', 'aa:bb:cc:dd:ee:ff', 'net=default']
        .map((word) => `${word}\ttestnet0, aa:bb:cc:dd:ee:ff, default\n`)
        .join(''),
    );
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  });

  it('takes a name that only the URI on the line has', async () => {
    const { stdout } = await kvmnet(['__complete', '-c', 'test:///default', 'net', 'show', ''], {
      env: { ...env, KVMNET_URI: 'test:///nowhere.xml' },
    });
    expect(stdout).toBe('default\tnetwork\n');
  });

  it.each([
    ['a URI that nobody serves', ['-c', 'qemu+unix:///system?socket=/nowhere', 'vm', 'nics', '']],
    ['what is no URI', ['-c', 'nonsense', 'vm', 'nics', '']],
    ['a domain that does not exist', ['vm', 'detach', 'nobody', '']],
    ['a folder that does not exist', ['net', 'define', '/nowhere/']],
    ['a command that does not exist', ['bogus', '']],
    ['nothing at all', []],
  ])('suggests nothing for %s', async (_what, words) => {
    const { stdout, stderr, status } = await complete(...words);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    if (words.length > 0) expect(stdout).toBe('');
  });

  describe('where a daemon takes the connection and is silent', () => {
    let daemon: Server;
    beforeAll(async () => {
      daemon = createServer(() => undefined);
      await new Promise<void>((resolve) => daemon.listen(`${folder}/socket`, resolve));
    });
    afterAll(() => {
      daemon.close();
    });

    it('ends without candidates in about the time that a user waits', async () => {
      const begin = performance.now();
      const uri = `qemu+unix:///system?socket=${folder}/socket`;
      const outcome = await kvmnet(['__complete', '-c', uri, 'vm', 'nics', ''], {
        env: { ...env, KVMNET_COMPLETION_TIMEOUT: undefined },
      });
      expect(outcome).toEqual({ stdout: '', stderr: '', status: 0 });
      const seconds = (performance.now() - begin) / 1000;
      expect(seconds).toBeGreaterThan(1);
      // 1.5 s, and the start of the program.
      expectWithin('completion where a daemon is silent', seconds, 4);
    });
  });
});

describe('the script in bash', () => {
  /** COMPREPLY, an entry a line, as bash would ask for it with the cursor at the end. */
  const replies = async (line: string): Promise<string[]> => {
    const script = `source <(kvmnet completion bash); COMP_LINE=$1 COMP_POINT=\${#1}; _kvmnet; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const stdout = await must('bash', ['-c', script, '-', line], { env, cwd: folder });
    return stdout.split('\n').filter((reply) => reply !== '');
  };

  it.each<[line: string, replies: string[]]>([
    ['kvmnet vm att', ['attach']],
    ['kvmnet net list --act', ['--active']],
    ['kvmnet net show ', ['default']],
    ['kvmnet net show default ', []],
    ["kvmnet net show 'de", ['default']],
    ['kvmnet vm detach test aa:bb:c', ['cc:dd:ee:ff']],
    ['kvmnet vm attach test --link=u', ['up']],
    ['kvmnet -c test:///default domiflist ', ['test']],
    ['kvmnet net define a', ['a\\ folder/']],
    ['kvmnet net define "a ', ['a folder/']],
    ['kvmnet completion ', ['bash', 'zsh', 'fish']],
  ])('completes %s by %j', async (line, expected) => {
    expect(await replies(line)).toEqual(expected);
  });

  it('looks at the line up to the cursor only', async () => {
    const script = `source <(kvmnet completion bash); COMP_LINE='kvmnet net sh default' COMP_POINT=13; _kvmnet; echo "\${COMPREPLY[*]}"`;
    expect(await must('bash', ['-c', script], { env })).toBe('show\n');
  });

  it('completes what is typed at a prompt', async () => {
    await writeFile(`${folder}/rc`, `PS1='ready: '; source <(kvmnet completion bash)\n`);
    const { screen } = await atTerminal(
      `exec bash --noprofile --rcfile ${folder}/rc`,
      [
        ['ready: ', 'true; X=1 kvmnet vm detach test aa:b\t'],
        ['aa:bb:cc:dd:ee:ff ', clearLine],
        ['ready: ', 'kvmnet net define a\t'],
        ['a\\ folder/', clearLine],
        ['ready: ', 'exit\n'],
      ],
      { env, cwd: folder },
    );
    expect(screen).not.toContain('error');
  });
});

const others = {
  zsh: ['zsh', '-f', '-n'],
  fish: ['fish', '--no-config', '-n'],
} as const;
const isThere = (program: string) =>
  (process.env.PATH ?? '').split(':').some((path) => existsSync(`${path}/${program}`));

describe.each((['zsh', 'fish'] as const).filter(isThere))('the script in %s', (shell) => {
  it('is one that this shell reads', async () => {
    const file = `${folder}/script.${shell}`;
    await writeFile(file, (await kvmnet(['completion', shell])).stdout);
    const [program, ...options] = others[shell];
    expect(await run(program, [...options, file])).toMatchObject({ stderr: '', status: 0 });
  });
});

if (isThere('fish')) {
  describe('fish', () => {
    it.each<[line: string, found: string]>([
      ['kvmnet vm att', 'attach\tAttach a new NIC to a network, a bridge or a NIC of the host\n'],
      ['kvmnet net show ', 'default\tnetwork\n'],
      ["kvmnet net show 'de", 'default\tnetwork\n'],
      ['kvmnet vm attach test --link=u', '--link=up\n'],
      ['kvmnet net define a\\ f', 'a folder/\n'],
    ])('completes %s by %j', async (line, found) => {
      const script = 'kvmnet completion fish | source; complete -C $argv[1]';
      expect(await must('fish', ['--no-config', '-c', script, line], { env, cwd: folder })).toBe(found);
    });
  });
}

if (isThere('zsh')) {
  describe('zsh', () => {
    it('completes what is typed at a prompt', async () => {
      await writeFile(
        `${folder}/.zshrc`,
        `PS1='ready: '; autoload -U compinit; compinit -u -D; source <(kvmnet completion zsh); bindkey -e\n`,
      );
      await atTerminal(
        'exec zsh -i',
        [
          ['ready: ', 'kvmnet vm att\t'],
          ['attach ', 'test def\t'],
          ['default ', '--link=d\t'],
          ['--link=down', clearLine],
          ['ready: ', 'kvmnet vm detach test aa:b\t'],
          ['aa:bb:cc:dd:ee:ff', clearLine],
          ['ready: ', 'kvmnet net define a\t'],
          ['a\\ folder/', clearLine],
          ['ready: ', 'exit\n'],
        ],
        { env: { ...env, ZDOTDIR: folder }, cwd: folder },
      );
    });
  });
}
