import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { makeGuestWithoutSystem, type Guest } from '../../helpers/guest.ts';
import { command, commandText, kvmnet, must, run, virsh, virshWith } from '../../helpers/host.ts';
import { startDaemon, stopDaemon } from '../../helpers/daemon.ts';
import { labCache } from '../../helpers/lab.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { kvmnetAs, runAs, type Member } from '../../helpers/user.ts';
import { waitFor } from '../../helpers/wait.ts';
import { privateRows } from './private-rows.ts';
import { domainXml, networkXml, nicIn, type Row } from './rows.ts';

interface Report {
  readonly findings: readonly { readonly code: string; readonly message: string; readonly remedy: string }[];
  readonly notChecked: readonly { readonly code: string; readonly reason: string }[];
}

const programs = '/run/doctor';

/** A member of a group is a new process: a process has the groups of its login. */
async function doctorAs(user: Member, code: string): Promise<Report> {
  const { stdout, stderr } = await runAs(user, command[0], [...command.slice(1), 'doctor', '--json', code]);
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Report;
}

async function doctor(...args: readonly string[]): Promise<Report> {
  const { stdout, stderr, status } = await kvmnet(['doctor', '--json', ...args]);
  if (stdout === '') throw new Error(stderr);
  const report = JSON.parse(stdout) as Report;
  expect(status).toBe(report.findings.length > 0 ? 3 : 0);
  return report;
}

/** As an administrator types it, who answers yes. */
async function bash(script: string): Promise<void> {
  const env = { PATH: `${programs}:${process.env['PATH'] ?? ''}`, LAB: labCache, EDITOR: `sed -i '/note/d'` };
  await must('bash', ['-ec', script], { env });
}

/** The host is broken, the finding appears, and is gone after its remedy, which is printed. */
function breaks(rows: readonly Row[]): void {
  it.each(rows)('$code', async ({ code, as, break: script, correct, clean, says = '' }) => {
    const look = () => (as === undefined ? doctor(code) : doctorAs(as, code));
    try {
      await bash(script);
      const { findings } = await look();
      expect(findings.map((finding) => finding.code)).toContain(code);
      expect(findings.map(({ message }) => message).join('\n')).toContain(says);
      for (const { remedy } of findings) await bash(correct ?? remedy);
      await waitFor(`${code} to be gone`, async () => (await look()).findings.length === 0, { seconds: 60 });
    } finally {
      if (clean !== undefined)
        await run('bash', ['-c', clean], { env: { PATH: `${programs}:${process.env['PATH'] ?? ''}` } });
    }
  });

  it('after all of which it finds nothing', async () => {
    expect(await doctor()).toMatchObject({ findings: [], notChecked: [] });
  });
}

onPrivateHost('doctor', () => {
  let guest: Guest;

  beforeAll(async () => {
    await mkdir(programs, { recursive: true });
    await writeFile(`${programs}/kvmnet`, `#!/bin/sh\nexec ${commandText} --yes "$@"\n`);
    await writeFile(`${programs}/sudo`, `#!/bin/sh\nexec "$@"\n`);
    for (const name of ['kvmnet', 'sudo']) await chmod(`${programs}/${name}`, 0o755);
    for (const [name, subnet] of [
      ['keen', '192.168.210'],
      ['other', '192.168.211'],
    ] as const) {
      await virshWith(networkXml(name, subnet), 'net-define', 'FILE');
      await virsh(`net-start ${name}; net-autostart ${name}`);
    }
    await virshWith(domainXml('off', nicIn('keen', '01')), 'define', 'FILE');
    await virshWith(domainXml('idle', nicIn('other', '02')), 'define', 'FILE');
    guest = await makeGuestWithoutSystem('run', { nics: [nicIn('keen', '10')] });
  });

  afterAll(async () => {
    await guest.remove();
    await kvmnet(['forward', 'remove', '8098']);
    for (const name of ['off', 'idle']) await virsh('undefine', name);
    for (const name of ['keen', 'other']) await virsh(`net-destroy ${name}; net-undefine ${name}`);
    await rm(programs, { recursive: true });
  });

  it('finds nothing on a healthy host', async () => {
    expect(await doctor()).toMatchObject({ findings: [], notChecked: [] });
    expect((await kvmnet(['doctor'])).stdout).toMatch(/^no problems found by \d+ checks\n$/);
  });

  it('finds nothing on a host with docker, whose policy for forwarded packets is to drop them', async () => {
    const rules = [
      '-P FORWARD DROP',
      '-N DOCKER-USER',
      '-A FORWARD -j DOCKER-USER',
      '-A FORWARD -o docker0 -j ACCEPT',
      '-A FORWARD -i docker0 -j ACCEPT',
    ];
    const links = 'ip link add docker0 type bridge; ip link set docker0 up; ip address add 172.17.0.1/16 dev docker0';
    const outside =
      'ip link add up9 type veth peer name up9p; ip link set up9 up; ip link set up9p up; ip address add 192.168.214.5/24 dev up9; ip route add default via 192.168.214.1';
    try {
      await bash([links, outside, ...rules.map((rule) => `iptables ${rule}`)].join('\n'));
      expect(await doctor()).toMatchObject({ findings: [], notChecked: [] });
    } finally {
      const undone = ['-P FORWARD ACCEPT', ...rules.slice(2).map((rule) => rule.replace('-A', '-D')), '-X DOCKER-USER'];
      await bash(
        [...undone.map((rule) => `iptables ${rule}`), 'ip link delete docker0; ip link delete up9'].join('\n'),
      );
    }
  });

  it('suggests the code of a check for a misspelled one, and lists all', async () => {
    expect(await kvmnet(['doctor', 'network-inactiv'])).toMatchObject({
      status: 2,
      stderr: "error: no check 'network-inactiv'\nhint: did you mean network-inactive?\n",
    });
    const listed = JSON.parse((await kvmnet(['doctor', '--list', '--json'])).stdout) as { code: string }[];
    expect(listed.map(({ code }) => code)).toContain('network-inactive');
  });

  it('with --fix shows its plan and asks, repairs what is safe, and reports what is left', async () => {
    await bash('virsh -q net-destroy other; ip link add up9 type veth peer name up9p mtu 1400');
    const refused = await kvmnet(['doctor', '--fix']);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain('1. start network other');
    expect(refused.stderr).toContain('doctor --fix would run this command: kvmnet net start other');
    expect((await doctor('network-inactive')).findings).toHaveLength(1);

    const { stdout, status } = await kvmnet(['doctor', '--fix', '--yes', '--json']);
    expect(status).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      findings: [{ code: 'cable-mtu-mismatch', remedy: 'ip link set dev up9 mtu 1400' }],
      fixes: [{ command: 'kvmnet net start other', codes: ['network-inactive'], status: 0 }],
    });
    expect((await kvmnet(['undo', '--yes'])).stdout).toContain('undone: start network other');
    await bash('virsh -q net-start other; ip link delete up9');
  });

  it('looks at links without libvirt, and reports what it could not check', async () => {
    await stopDaemon();
    try {
      const { findings, notChecked } = await doctor();
      expect(findings.map(({ code }) => code)).toEqual(['libvirt-unreachable']);
      const codes = notChecked.map(({ code }) => code);
      expect(codes).toEqual(expect.arrayContaining(['network-inactive', 'subnet-overlap', 'mac-twice']));
      expect(codes).not.toContain('bridge-down');
      expect(notChecked[0]?.reason).toContain('no daemon answers');
    } finally {
      await startDaemon();
    }
  });

  it('as an ordinary user checks what that user can see', async () => {
    const { stdout, status } = await kvmnetAs('alice', ['doctor', '--json']);
    const { findings, notChecked } = JSON.parse(stdout) as Report;
    expect({ status, findings }).toEqual({ status: 0, findings: [] });
    expect(notChecked.map(({ code }) => code)).toContain('network-rules-gone');
    expect(notChecked.map(({ code }) => code)).not.toContain('guests-cut-off');
    expect(new Set(notChecked.map(({ reason }) => reason))).toEqual(
      new Set(["only root may read the firewall's rules and libvirt's files"]),
    );
  });

  describe.each(Object.entries(privateRows))('finds %s', (_, rows) => {
    breaks(rows);
  });
});
