import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, relative, resolve } from 'node:path';
import { locate } from '../../../../src/host/files/below.ts';
import { findFiles, readConfigFile, readManagers } from '../../../../src/host/files/config-files.ts';

describe('a path below the root of an image', () => {
  let image = '';
  let outside = '';

  const put = (path: string, text = ''): void => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  const link = (path: string, target: string): void => {
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(target, path);
  };

  beforeAll(() => {
    const folder = realpathSync(mkdtempSync(`${tmpdir()}/kvmnet-below-`));
    [image, outside] = [`${folder}/image`, `${folder}/outside`];
    put(`${image}/etc/network/interfaces`, 'auto lo\n');
    put(`${image}/etc/alternatives/plan.yaml`, 'network: {}\n');
    put(`${outside}/secret.yaml`, 'secret');
    put(`${outside}/brctl`);
    link(`${image}/etc/netplan/absolute.yaml`, '/etc/alternatives/plan.yaml');
    link(`${image}/etc/netplan/relative.yaml`, '../alternatives/plan.yaml');
    link(`${image}/etc/netplan/twice.yaml`, 'absolute.yaml');
    link(`${image}/etc/netplan/out.yaml`, `${outside}/secret.yaml`);
    link(`${image}/etc/netplan/up.yaml`, '../../../../../../../../../../etc/alternatives/plan.yaml');
    link(`${image}/etc/netplan/circle.yaml`, 'circle.yaml');
    link(`${image}/etc/systemd`, '/usr/systemd');
    link(`${image}/etc/NetworkManager`, outside);
    link(`${image}/usr/sbin`, outside);
    put(`${image}/usr/systemd/network/a.network`, '[Match]\n');
    mkdirSync(`${image}/etc/init.d`, { recursive: true });
  });
  afterAll(() => {
    rmSync(dirname(image), { recursive: true });
  });

  it.each([
    ['/etc/network/interfaces', '/etc/network/interfaces'],
    ['/etc/netplan/absolute.yaml', '/etc/alternatives/plan.yaml'],
    ['/etc/netplan/relative.yaml', '/etc/alternatives/plan.yaml'],
    ['/etc/netplan/twice.yaml', '/etc/alternatives/plan.yaml'],
    ['/etc/netplan/up.yaml', '/etc/alternatives/plan.yaml'],
    ['/etc/systemd/network/new.network', '/usr/systemd/network/new.network'],
    ['/etc/systemd', '/usr/systemd'],
    ['/nothing/at/all', '/nothing/at/all'],
  ])('%s is %s in it', (path, place) => {
    expect(locate(image, image + path)).toBe(image + place);
  });

  it.each(['/etc/netplan/out.yaml', '/etc/NetworkManager/system-connections/a.nmconnection', '/usr/sbin/brctl'])(
    '%s stays in it',
    (path) => {
      expect(locate(image, image + path)).toMatch(new RegExp(`^${image}${outside}/`));
    },
  );

  it('begins with a root that is named from the current directory too', () => {
    const root = relative(process.cwd(), image);
    expect(resolve(locate(root, `${root}/etc/netplan/absolute.yaml`))).toBe(`${image}/etc/alternatives/plan.yaml`);
    expect(findFiles(root, '/etc/network/inter*')).toEqual([`${root}/etc/network/interfaces`]);
  });

  it('can be a link that is meant itself', () => {
    expect(locate(image, `${image}/etc/systemd`, 'meant')).toBe(`${image}/etc/systemd`);
    expect(locate(image, `${image}/etc/systemd/network`, 'meant')).toBe(`${image}/usr/systemd/network`);
  });

  it('whose links lead in a circle is refused', () => {
    expect(() => locate(image, `${image}/etc/netplan/circle.yaml`)).toThrow('symbolic links lead in a circle');
  });

  it('is the path itself where the root is /', () => {
    expect(locate('/', `${image}/etc/netplan/relative.yaml`)).toBe(`${image}/etc/alternatives/plan.yaml`);
    expect(locate('/', `${image}/etc/netplan/out.yaml`)).toBe(`${outside}/secret.yaml`);
  });

  it('is read and listed as the image has it', () => {
    const path = `${image}/etc/netplan/absolute.yaml`;
    expect(readConfigFile(path, image)).toMatchObject({
      path,
      text: 'network: {}\n',
      link: '/etc/alternatives/plan.yaml',
    });
    expect(() => readConfigFile(`${image}/etc/netplan/out.yaml`, image)).toThrow('out.yaml does not exist');
    const names = ['absolute', 'relative', 'twice', 'up'].map((name) => `${image}/etc/netplan/${name}.yaml`);
    expect(findFiles(image, '/etc/netplan/*.yaml')).toEqual(names);
    expect(findFiles(image, '/etc/systemd/network/*.network')).toEqual([`${image}/etc/systemd/network/a.network`]);
    expect(readManagers(image)?.hasBrctl).toBe(false);
  });
});
