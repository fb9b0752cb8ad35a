import { describe, expect, it } from '@jest/globals';
import { storageOf } from '../../../src/xml/domain-storage.ts';
import { droppedXml } from '../../../src/xml/dropped.ts';

const domain = (devices: string, os = ''): string =>
  `<domain type='kvm'><name>VM1</name><os><type>hvm</type>${os}</os><devices>${devices}</devices></domain>`;

describe('state of a domain outside its definition', () => {
  it('is its disks of every kind, without CD-ROM and floppy drives', () => {
    const disks = [
      `<disk type='file'><source file='/a'><seclabel model='dac'/></source><backingStore><source file='/b'/></backingStore></disk>`,
      `<disk type='block' device='lun'><source dev='/dev/sdb'/></disk>`,
      `<disk type='network'><source protocol='rbd' name='pool/image'/></disk>`,
      `<disk type='volume'><source pool='default' volume='v1'/></disk>`,
      `<disk type='file' device='cdrom'><source file='/iso'/></disk>`,
      `<disk type='file' device='disk'/>`,
    ];
    expect(storageOf(domain(disks.join(''))).disks).toEqual(['/a', '/dev/sdb', 'pool/image', 'default/v1']);
  });

  it.each([
    ['', undefined, false],
    ['<nvram>/vars.fd</nvram>', '/vars.fd', false],
    [`<loader>/efi</loader><nvram type='file'><source file='/vars.qcow2'/></nvram>`, '/vars.qcow2', true],
    [`<loader readonly='yes'>/efi</loader>`, undefined, true],
  ])('is its NVRAM: %s', (os, nvram, hasFirmware) => {
    expect(storageOf(domain('', os))).toMatchObject({ nvram, hasFirmware });
  });

  it('is the state of a TPM that libvirt runs, and of none of the host', () => {
    expect(storageOf(domain(`<tpm><backend type='emulator'/></tpm>`)).hasTpm).toBe(true);
    expect(storageOf(domain(`<tpm><backend type='passthrough'/></tpm>`)).hasTpm).toBe(false);
  });

  it('has a password where its graphics have one', () => {
    expect(storageOf(domain(`<graphics type='vnc' passwd='x'/>`)).hasPassword).toBe(true);
    expect(storageOf(domain(`<graphics type='vnc'/>`)).hasPassword).toBe(false);
  });

  it('is a firmware that libvirt chooses', () => {
    expect(storageOf(domain('').replace('<os>', `<os firmware='efi'>`)).hasFirmware).toBe(true);
  });
});

describe('what is gone of a definition that is read back', () => {
  it('is named by its place, an element without what is in it; values may be others', () => {
    const asked = domain(
      `<interface type='network' nosuch='1'><fliter><deep/></fliter><mac address='52:54:00:00:00:0A'/></interface>`,
    );
    const got = domain(`<interface type='network'><mac address='52:54:00:00:00:0a'/><alias name='net0'/></interface>`);
    expect(droppedXml(asked, got)).toEqual(['devices/interface/@nosuch', 'devices/interface/fliter']);
    expect(droppedXml(got, got)).toEqual([]);
  });
});
