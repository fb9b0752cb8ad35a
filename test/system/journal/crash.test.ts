import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { campaign, type Change } from '../../helpers/crash/crash.ts';
import { makeGuest, makeGuestWithoutSystem, type Guest } from '../../helpers/guest.ts';
import { kvmnet, must } from '../../helpers/host.ts';
import { nicIn } from '../../helpers/nics.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { nic as card, plugIn, unplug } from '../../helpers/router.ts';

/** Of npm run test:crash; without it, the few that npm test runs. */
const number = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise);
const asked = process.env['CRASH_ONLY'];
const seed = number('CRASH_SEED', 1);
const kills = number('CRASH_KILLS', 20);
const minutes = number('CRASH_MINUTES', 12);

const guestName = 'CVM';
/** It is shut off. */
const offName = 'COFF';
const macs = ['52:54:00:00:cc:01', '52:54:00:00:cc:02', '52:54:00:00:cc:03'] as const;
/** They stay, empty, when the last forward is removed. */
const foldersOfForwards = [
  '/etc/kvmnet',
  '/etc/libvirt/hooks/network.d',
  '/etc/systemd/system/multi-user.target.wants',
  '/etc/sysctl.d',
];
const nic = (mac: string): string => nicIn('c0', mac);

onPrivateHost('a change that is killed at any moment', () => {
  jest.setTimeout((minutes + 5) * 60_000);
  let guest: Guest;
  let off: Guest;
  let folder = '';

  const words = (line: string): readonly string[] => line.split(' ');
  const lines = (...all: readonly string[]): readonly (readonly string[])[] => all.map(words);

  function changes(): readonly Change[] {
    return [
      {
        name: 'net create',
        args: words('net create c1 --nat 10.77.1.0/24 --bridge-name cbr1'),
        back: lines('net delete c1'),
      },
      { name: 'net delete', args: words('net delete c3'), back: lines('undo') },
      { name: 'net rename', args: words('net rename c0 c9'), back: lines('net rename c9 c0') },
      { name: 'net set', args: words('net set c0 --dns web=10.77.0.9'), back: lines('undo') },
      { name: 'net restart', args: words('net restart c0'), back: [] },
      {
        name: 'vm attach',
        args: words(`vm attach ${guestName} c0 --mac ${macs[2]}`),
        back: lines(`vm detach ${guestName} ${macs[2]}`),
      },
      {
        name: 'vm attach --ip',
        args: words(`vm attach ${guestName} c0 --mac ${macs[2]} --ip 10.77.0.200 --hostname web`),
        back: lines(`vm detach ${guestName} ${macs[2]}`, `net release c0 ${macs[2]}`),
      },
      {
        name: 'vm move',
        args: words(`vm move ${guestName} ${macs[0]} c2`),
        back: lines(`vm move ${guestName} ${macs[0]} c0`),
      },
      { name: 'vm detach', args: words(`vm detach ${guestName} ${macs[1]}`), back: lines('undo') },
      { name: 'vm suspend', args: words(`vm suspend ${guestName}`), back: lines(`vm resume ${guestName}`) },
      {
        name: 'vm autostart',
        args: words(`vm autostart ${offName}`),
        back: lines(`vm autostart ${offName} --disable`),
      },
      { name: 'vm delete', args: words(`vm delete ${offName}`), back: lines('undo') },
      {
        name: 'bridge create',
        needsRoot: true,
        args: words('bridge create cb0 --port eno9 --mac 52:54:00:aa:00:0a'),
        back: lines('bridge delete cb0'),
      },
      {
        name: 'bridge create --take-ip',
        needsRoot: true,
        args: words(`bridge create cb1 --port ${card.name} --take-ip --no-confirm`),
        back: lines('undo --no-confirm'),
      },
      {
        name: 'forward add',
        needsRoot: true,
        args: words('forward add 8090 10.77.0.250:80 --proto both'),
        back: lines('forward remove 8090'),
      },
      {
        name: 'forward remove',
        needsRoot: true,
        prepare: lines('forward add 8091 10.77.0.250:80'),
        args: words('forward remove 8091'),
        back: lines('forward add 8091 10.77.0.250:80'),
        leave: lines('forward remove 8091'),
      },
      {
        name: 'snat add',
        needsRoot: true,
        args: words('snat add 10.88.0.0/24 --to masquerade --dev eno9'),
        back: lines('snat remove 10.88.0.0/24'),
      },
      {
        name: 'host persist --write',
        needsRoot: true,
        args: words(`host persist --root ${folder} --for ifupdown --write`),
        back: lines('undo'),
      },
      {
        name: 'undo',
        prepare: lines('net autostart c2', 'net autostart c2 --disable'),
        args: ['undo'],
        back: lines('net autostart c2 --disable'),
        leave: lines('net autostart c2'),
      },
    ];
  }

  beforeAll(async () => {
    await plugIn();
    await must(
      'ip',
      words('link add eno9 address 52:54:00:aa:00:09 type veth peer name eno9p address 52:54:00:aa:00:19'),
    );
    for (const end of ['eno9', 'eno9p']) await must('ip', ['link', 'set', 'dev', end, 'up']);
    for (const line of lines(
      'net create c0 --nat 10.77.0.0/24 --bridge-name cbr0 --no-stp',
      'net create c2 --isolated 10.78.0.0/24 --bridge-name cbr2 --no-stp',
      'net create c3 --nat 10.79.0.0/24 --bridge-name cbr3',
      'net create by --isolated --bridge-name cbr4',
    )) {
      expect(await kvmnet(line)).toMatchObject({ status: 0 });
    }
    folder = await mkdtemp(`${tmpdir()}/kvmnet-crash-`);
    await mkdir(`${folder}/usr/sbin`, { recursive: true });
    await mkdir(`${folder}/etc/network`, { recursive: true });
    await writeFile(`${folder}/usr/sbin/ifup`, '');
    await writeFile(`${folder}/etc/network/interfaces`, 'auto lo\niface lo inet loopback\n', { mode: 0o640 });
    for (const path of foldersOfForwards) await mkdir(path, { recursive: true });
    off = await makeGuestWithoutSystem(offName, { start: false });
    guest = await makeGuest(guestName, { nics: macs.slice(0, 2).map(nic) });
    // From then on it lets go of NICs.
    await guest.lease();
  });

  afterAll(async () => {
    for (const each of [guest, off]) await each.remove();
    for (const name of ['c0', 'c2', 'c3', 'by']) await kvmnet(['net', 'delete', name, '--yes']);
    await must('ip', ['link', 'delete', 'dev', 'eno9']);
    await unplug();
    await rm(folder, { recursive: true });
  });

  it('is done or undone by the next command, with nothing left of it', async () => {
    const only = asked === undefined ? undefined : Number(asked);
    // The copies of old files stay.
    const folders = [`${folder}/etc`, '/etc/libvirt/qemu/networks', ...foldersOfForwards];
    const given = { seed, kills, only, minutes, folders, changes: changes(), other: words('net autostart by') };
    const done = await campaign(given);
    process.stderr.write(`seed ${seed}: ${done.kills} kills in ${done.cases} cases, nothing found\n`);
    expect(done.kills).toBeGreaterThan(0);
  });
});
