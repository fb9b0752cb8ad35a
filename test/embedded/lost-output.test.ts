import { describe, expect, it } from '@jest/globals';
import { command, run, type Outcome } from '../helpers/host.ts';

/** The command line, `"$@"`, in a line of bash: `"$@" >/dev/full` is a disk without room. */
function inBash(script: string, line: string, stdin = ''): Promise<Outcome> {
  return run('bash', ['-c', script, 'bash', ...command, '-c', 'test:///default', ...line.split(' ')], {
    stdin,
  });
}

function redirected(line: string, redirection: string, stdin?: string): Promise<Outcome> {
  return inBash(`"$@" ${redirection}`, line, stdin);
}

const noSpace = 'cannot write the output: no space left on device';
const create = 'net create keennet --nat 192.168.132.0/24 --bridge-name keenbr0';

describe('output that is lost', () => {
  const looks = [
    'net list',
    'net list --json',
    'net list -o yaml',
    'net-list',
    'net-dumpxml default',
    'domiflist',
    'vm list',
    '--help',
    'net create --help',
    'completion bash',
    '--version',
  ];

  it.each(looks)('is one sentence and status 1 where the command only looks: %s', async (line) => {
    const { stderr, status } = await redirected(line, '>/dev/full');
    expect(status).toBe(1);
    if (!line.includes('json')) expect(stderr).toBe(`error: ${noSpace}\n`);
    else expect(JSON.parse(stderr)).toEqual({ error: { code: 'BACKEND', message: noSpace, details: {} } });
  });

  it('is reported if stdout is not open for writing', async () => {
    expect(await redirected('net list', '1</dev/null')).toEqual({
      stdout: '',
      stderr: 'error: cannot write the output: bad file descriptor\n',
      status: 1,
    });
  });

  it('is reported if only its beginning fits', async () => {
    const { stderr, status } = await inBash(
      'file=$(mktemp); ulimit -f 1; "$@" >$file; status=$?; rm $file; exit $status',
      'net create --help',
    );
    expect({ stderr, status }).toEqual({ stderr: 'error: cannot write the output: file too large\n', status: 1 });
  });

  it.each([`${create} --yes`, 'net stop default --yes', 'net-destroy default', 'net-autostart default'])(
    'is a warning where the command has changed something: %s',
    async (line) => {
      const { stderr, status } = await redirected(line, '>/dev/full');
      expect(status).toBe(0);
      expect(stderr.split('\n').slice(-2)).toEqual([`warning: ${noSpace}`, '']);
    },
  );

  it('does not keep the lines of a script from being run', async () => {
    const { stderr, status } = await redirected(
      'shell',
      '>/dev/full',
      `${create}\nnet show keennet\nnet delete keennet\n`,
    );
    const told = [
      `line 1: ${create}\nwarning: ${noSpace}\n`,
      `line 2: net show keennet\nerror: ${noSpace}\n`,
      `line 3: net delete keennet\nwarning: ${noSpace}\n`,
    ];
    expect({ stderr, status }).toEqual({ stderr: told.join(''), status: 1 });
  });

  it('is not an error if its reader has exited', async () => {
    expect(await redirected('net list', '> >(exec true)')).toEqual({ stdout: '', stderr: '', status: 0 });
    expect(await redirected('net list', '| true; exit $PIPESTATUS')).toEqual({
      stdout: '',
      stderr: '',
      status: 0,
    });
  });

  it.each(['2>/dev/full', '2>&-', '2> >(exec head -n 1 >/dev/null)'])(
    'on stderr ends no change: %s',
    async (redirection) => {
      const { stdout, status } = await redirected(`-v ${create}`, redirection);
      expect(status).toBe(0);
      expect(stdout).toContain('network keennet created and started');
    },
  );

  it.each(['2>/dev/full', '2>&-'])('on stderr leaves the status of a failure: %s', async (redirection) => {
    expect(await redirected('net show nothing', redirection)).toEqual({ stdout: '', stderr: '', status: 2 });
  });
});
