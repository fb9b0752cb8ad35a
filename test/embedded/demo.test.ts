import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { root, run, type Outcome } from '../helpers/host.ts';

describe('the demo', () => {
  let folder: string;
  let demo: Outcome;
  beforeAll(async () => {
    folder = await mkdtemp(`${tmpdir()}/kvmnet-demo-`);
    demo = await run(`${root}.ci/demo`, [], { env: { KVMNET_STATE_DIR: folder, HOME: folder }, cwd: folder });
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  /** Output of a command, up to the next comment of the demo. */
  const printedBy = (command: string): string => {
    const begin = demo.stdout.indexOf(`$ kvmnet ${command}\n`);
    expect(begin).toBeGreaterThanOrEqual(0);
    return demo.stdout.slice(begin).split(/\n(?=\$ kvmnet|#)/)[0] ?? '';
  };

  it('succeeds without an error or a warning, and prints everything to one stream', () => {
    expect(demo).toMatchObject({ status: 0, stderr: '' });
    expect(demo.stdout).not.toMatch(/^(error|hint|warning): /m);
  });

  it('makes keennet by NAT, an isolated network and a bridged one', () => {
    const keennet = printedBy('net create keennet --nat 192.168.132.0/24 --bridge-name keenbr0');
    expect(keennet).toMatch(/network keennet created and started/);
    expect(keennet).toMatch(/gateway +192\.168\.132\.1$/m);
    expect(keennet).toMatch(/dhcp +192\.168\.132\.2 - 192\.168\.132\.254$/m);
    const list = demo.stdout.slice(demo.stdout.lastIndexOf('$ kvmnet net list\n'));
    expect(list).toMatch(/^backstage +active .* isolated /m);
    expect(list).toMatch(/^keennet +active .* nat +keenbr0 +192\.168\.132\.0\/24/m);
    expect(list).toMatch(/^lan +active .* bridge +br0 /m);
  });

  it('shows a plan with its XML, and does not do it', () => {
    expect(demo.stdout).toContain('<name>tomorrow</name>');
    expect(demo.stdout).not.toMatch(/^tomorrow +/m);
  });

  it('attaches the VM, and shows it as kvmnet and as virsh do', () => {
    expect(printedBy('vm attach test keennet --config --model virtio')).toMatch(/attached to keennet$/);
    expect(printedBy('vm nics test')).toMatch(/keennet +keenbr0 +virtio/);
    expect(printedBy('domiflist')).toMatch(/^test .* lan +br0 /m);
    expect(printedBy('domiflist test --inactive')).toMatch(
      /^ Interface +Type +Source +Model +MAC\n-+\n(.*\n)* \S+ +network +keennet +virtio +52:54:/m,
    );
  });

  it('ends with what to type on a real host', () => {
    const end = demo.stdout.slice(demo.stdout.indexOf('# That is all.'));
    expect(end).toContain('kvmnet net create keennet --nat 192.168.132.0/24');
    expect(end).toContain('--wait-ip');
  });

  it('leaves nothing behind: no journal, no history, no file', async () => {
    expect(await readdir(folder)).toEqual([]);
  });
});
