import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { commandText, kvmnet, run } from '../helpers/host.ts';
import { atTerminal, type Turn } from '../helpers/terminal.ts';

const uri = 'test:///default';
const shell = (script: string, ...options: string[]) => kvmnet(['-c', uri, 'shell', ...options], { stdin: script });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(`${tmpdir()}/kvmnet-shell-`);
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe('kvmnet shell < script', () => {
  it('runs all lines on one connection: the next line sees what one has created', async () => {
    const { stdout, stderr, status } = await shell(
      '# a network\nnet create keennet --isolated\n\nkvmnet net create "other" \\\n  --isolated\nnet list -o name\n',
    );
    expect(stderr).toBe('');
    expect(stdout).toMatch(/default\nkeennet\nother\n$/);
    expect(status).toBe(0);
  });

  it('continues after an error, names its line, and exits with the status of the last', async () => {
    const { stdout, stderr, status } = await shell('net list -o name\nnet show "nix"\nnet shw\nvm list -o name\n');
    expect(stdout).toBe('default\ntest\n');
    const lines = stderr.split('\n').filter((line) => !line.startsWith('hint: '));
    expect(lines).toEqual([
      'line 2: net show "nix"',
      expect.stringMatching(/^error: .*nix/),
      'line 3: net shw',
      expect.stringMatching(/^error: .*shw/),
      '',
    ]);
    expect(status).toBe(2);
  });

  it('has the status 1 of a command that failed while doing, when that was the last to fail', async () => {
    const script = 'net shw\nvm start test\nnet list\n';
    const { status } = await kvmnet(['-c', 'qemu+unix:///system?socket=/nonexistent/socket', 'shell'], {
      stdin: script,
    });
    expect(status).toBe(1);
  });

  it('takes ? for help and leaves the output of a script alone at clear', async () => {
    const { stdout, stderr, status } = await shell('clear\n? net pin\nnet list -o name\n');
    expect(stdout).toMatch(/^Usage: kvmnet net pin [^]*\ndefault\n$/);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  });

  it('with -e stops at the first error, with its status', async () => {
    const { stdout, stderr, status } = await shell('net list -o name\nnet shw\nvm list -o name\n', '-e');
    expect(stdout).toBe('default\n');
    expect(stderr).toContain('line 2: net shw\nerror: ');
    expect(status).toBe(2);
  });

  it('with -x prints each line as it stands, with comments, before it is run', async () => {
    const { stderr } = await shell('# all\n\nnet list\n  kvmnet vm \\\n  list\nnet shw\n', '-x');
    expect(stderr).toContain('# all\n\n$ kvmnet net list\n$ kvmnet vm \\\n  list\n$ kvmnet net shw\nerror: ');
  });

  it('reports the number of a line that cannot be split, and continues', async () => {
    const { stdout, stderr, status } = await shell('net show "x\nnet list | wc\nnet list -o name\n', '-x');
    expect(stderr).toContain('error: line 1: the quote " is not closed');
    expect(stderr).toContain('error: line 2: pipes, redirections and command lists are not supported');
    expect(stdout).toBe('default\n');
    expect(status).toBe(2);
  });

  it('gives its own options to each line, and the line’s come after them', async () => {
    const { stdout } = await kvmnet(['-c', 'test:///nowhere.xml', '-o', 'name', 'shell'], {
      stdin: `-c ${uri} net list\nvm list -c ${uri} --columns Name,State -o csv\n`,
    });
    expect(stdout).toBe('default\nName,State\ntest,running\n');
  });

  it('with --dry-run changes nothing in any line', async () => {
    const { stdout, status } = await kvmnet(['-c', uri, '--dry-run', 'shell'], {
      stdin: 'net create keennet --isolated\nnet list -o name\n',
    });
    expect(stdout).toContain('<name>keennet</name>');
    expect(stdout).toMatch(/\ndefault\n$/);
    expect(status).toBe(0);
  });

  it('prints nothing but the results with --json, each a document', async () => {
    const { stdout } = await kvmnet(['-c', uri, '--json', 'shell'], { stdin: 'net list\n' });
    expect(JSON.parse(stdout)).toEqual([expect.objectContaining({ name: 'default' })]);
  });

  it('ends at exit', async () => {
    const { stdout, status } = await shell('net list -o name\nexit\nnet shw\n');
    expect(stdout).toBe('default\n');
    expect(status).toBe(0);
  });

  it('does not start another shell, but shows its help', async () => {
    const { stdout, stderr, status } = await shell('shell --help\nshell\n');
    expect(stdout).toContain('--errexit');
    expect(stderr).toContain('error: this is a shell already');
    expect(status).toBe(2);
  });

  it('does not let a command read the script', async () => {
    const { stdout, stderr } = await shell('net define -\nnet list -o name\n');
    expect(stderr).toContain('in a script, - is the script itself');
    expect(stdout).toBe('default\n');
  });

  it('treats a question as an error: it does not read the next line as the answer', async () => {
    const { stderr, status } = await shell('net stop default\nyes\n', '-e');
    expect(stderr).toMatch(/^line 1: net stop default\n/);
    expect(stderr).toMatch(/^error: .*needs your consent/m);
    expect(status).toBe(2);
  });

  it('runs each line as soon as it arrives, while more may follow', async () => {
    // In a pipe that stays open: the answer to the first line is the condition for the second.
    const command = `{ echo net list -o name; read answer <"$1"; echo net show "no-$answer"; } | tee /dev/null | ${commandText} -c ${uri} shell >"$1"`;
    const fifo = `${folder}/answers`;
    const script = `mkfifo "$1"; exec 7<>"$1"; ${command}`;
    const { stderr, status } = await run('bash', ['-c', script, '-', fifo], {
      seconds: 30,
    });
    expect(stderr).toContain('line 2: net show no-default');
    expect(status).toBe(2);
  });
});

describe('kvmnet shell FILE', () => {
  it('runs a file', async () => {
    await writeFile(`${folder}/script`, 'net list -o name');
    expect(await kvmnet(['-c', uri, 'shell', `${folder}/script`])).toMatchObject({ stdout: 'default\n', status: 0 });
  });

  it('that does not exist or is not text is an error', async () => {
    const missing = await kvmnet(['shell', `${folder}/nowhere`]);
    expect(missing).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(`file ${folder}/nowhere does not exist`),
    });
    await writeFile(`${folder}/binary`, Buffer.from([0xff, 0xfe, 0x00]));
    expect(await kvmnet(['shell', `${folder}/binary`])).toMatchObject({ status: 2 });
  });
});

describe('kvmnet shell at a terminal', () => {
  const program = commandText;
  const prompt = 'kvmnet> ';
  const type = (...turns: Turn[]) =>
    atTerminal(`exec ${program} shell`, turns, { env: { KVMNET_URI: uri, KVMNET_STATE_DIR: `${folder}/state` } });

  it('has a prompt, runs what is typed, and ends with status 0 by Ctrl-D', async () => {
    const { screen, status } = await type([prompt, 'net list -o name\n'], ['\ndefault\n', ''], [prompt, '\u0004']);
    expect(screen).toMatch(/^kvmnet \d+\.\d+\.\d+: help /);
    expect(status).toBe(0);
  });

  it('ends with status 0 by exit, also after an error', async () => {
    const { status } = await type([prompt, 'net shw\n'], ['error: ', ''], [prompt, 'exit\n']);
    expect(status).toBe(0);
  });

  it('names a URI that is not the default one', async () => {
    const { status } = await atTerminal(`exec ${program} -c ${uri} shell`, [[`kvmnet ${uri}> `, 'exit\n']], {
      env: { KVMNET_STATE_DIR: `${folder}/state` },
    });
    expect(status).toBe(0);
  });

  it('completes by Tab, with names from the connection of the shell', async () => {
    await type(
      [prompt, 'net cr\t'],
      ['net create ', 'keennet --isolated\n'],
      ['created', ''],
      [prompt, 'net show ke\t'],
      ['net show keennet ', '\u0003'],
      [prompt, 'ex\t'],
      ['exit ', '\n'],
    );
  });

  it('finds an earlier line by Ctrl-R, and an older one by the next', async () => {
    await type(
      [prompt, 'net list -o name\n'],
      ['\ndefault\n', ''],
      [prompt, 'vm list -o name\n'],
      ['\ntest\n', ''],
      [prompt, 'list\u0012'],
      ['vm list -o name', '\u0012'],
      ['net list -o name', '\n'],
      ['\ndefault\n', ''],
      [prompt, 'net show nix\u0012'],
      ['net show nix', '\u0003'],
      [prompt, 'exit\n'],
    );
  });

  it('has help by ?, and a clear screen by clear', async () => {
    const { screen } = await type(
      [prompt, '? net pin\n'],
      ['Usage: kvmnet net pin ', ''],
      [prompt, 'clear\n'],
      [prompt, 'exit\n'],
    );
    expect(screen).not.toContain('error');
  });

  it('clears the line by Ctrl-C, and stays', async () => {
    const { screen } = await type([prompt, 'net shw'], ['net shw', '\u0003'], [`^C\n${prompt}`, 'exit\n']);
    expect(screen).not.toContain('error');
  });

  it('runs all lines that are pasted at once, and leaves the rest to be edited', async () => {
    const { screen } = await type(
      [prompt, 'net list -o name\nvm list -o name\nexi'],
      ['default\n', ''],
      ['\ntest\n', ''],
      [`${prompt}exi`, 't\n'],
    );
    expect(screen).not.toContain('error');
  });

  it('continues on the next line after a backslash', async () => {
    await type([prompt, 'net list \\\n'], ['\n> ', '-o name\n'], ['\ndefault\n', ''], [prompt, 'exit\n']);
  });

  it('asks a question, and takes the answer for it, not for a command', async () => {
    const { screen } = await type(
      [prompt, 'net stop default\n'],
      ['[y/N] ', 'n\n'],
      ['declined', ''],
      [prompt, 'exit\n'],
    );
    expect(screen).not.toContain('unknown command');
  });

  it('keeps a history that only its user can read, for the next time', async () => {
    const file = `${folder}/state/history`;
    await type(
      [prompt, 'vm list -o name\n'],
      ['\ntest\n', ''],
      [prompt, ' net list -o name\n'],
      ['\ndefault\n', ''],
      [prompt, '\u0004'],
    );
    expect((await readFile(file, 'utf8')).endsWith('vm list -o name\n')).toBe(true);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await type([prompt, '\u001b[A'], [`${prompt}vm list -o name`, '\n'], ['\ntest\n', ''], [prompt, '\u0004']);
  });

  it('works without a history where none can be kept', async () => {
    const { status } = await atTerminal(
      `exec ${program} shell`,
      [
        [prompt, 'net list -o name\n'],
        ['\ndefault\n', ''],
        [prompt, 'exit\n'],
      ],
      {
        env: { KVMNET_URI: uri, KVMNET_STATE_DIR: '/dev/null/nowhere' },
      },
    );
    expect(status).toBe(0);
  });
});
