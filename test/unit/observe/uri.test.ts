import { describe, expect, it } from '@jest/globals';
import { parseListening } from '../../../src/host/sockets.ts';
import { daemonOf, isLocal, isSession, parseUri } from '../../../src/observe/uri.ts';

describe('a URI', () => {
  it.each([
    ['qemu:///system', { driver: 'qemu', transport: undefined, host: undefined, path: '/system' }],
    ['qemu+ssh://root@h:22/system?keyfile=/k', { transport: 'ssh', host: 'root@h:22', path: '/system' }],
    ['lxc://', { driver: 'lxc', path: '/' }],
    ['qemu+unix:///system?socket=/run/x', { transport: 'unix', host: undefined, socket: '/run/x' }],
    ['qemu+unix:///system?mode=legacy&SOCKET=%2Frun%2Fx', { socket: '/run/x' }],
    ['qemu:///system?socket=/a;socket=/b=c', { socket: '/b=c' }],
    ['qemu:///system?socket=%zz', { socket: '%zz' }],
  ])('%s is taken apart', (uri, parts) => {
    expect(parseUri(uri)).toMatchObject(parts);
  });

  it.each([
    'qemu+ssh://h/system?command=/tmp/x',
    'qemu+ssh://h/system?Netcat=/tmp/x',
    'qemu+ssh://h/system?keyfile=/k;command=/tmp/x',
    'qemu+ssh://h/system?no_tty=1&comm%61nd=/tmp/x',
    'qemu+ext:///system',
  ])('%s would start a program, and is refused', (uri) => {
    expect(() => parseUri(uri)).toThrow(/starts a program of its own choice/);
  });

  it.each(['', 'qemu', 'qemu:/system', '/system', 'qemu:///a\nb?c\n'])('%j is none', (text) => {
    expect(() => parseUri(text)).toThrow(/is not a libvirt URI/);
  });
});

describe('the daemon of a URI', () => {
  it.each([
    ['qemu:///system', 'qemu:///system'],
    ['qemu+unix:///system', 'qemu:///system'],
    ['qemu:///system?mode=direct', 'qemu:///system'],
    ['qemu:///session', 'qemu:///session'],
    ['lxc:///system', 'lxc:///system'],
    ['qemu+unix:///system?socket=/nonexistent/sock', 'qemu:///system?socket=/nonexistent/sock'],
    ['qemu:///system?mode=legacy&socket=/nonexistent/sock', 'qemu:///system?socket=/nonexistent/sock'],
    ['qemu+ssh://root@h/system?socket=/run/x', 'qemu+ssh://root@h/system?socket=/run/x'],
    ['qemu://h/system', 'qemu://h/system'],
    ['test:///default', 'test:///default'],
  ])('%s is %s', (uri, daemon) => {
    expect(daemonOf(uri)).toBe(daemon);
    expect(daemonOf(daemon)).toBe(daemon);
  });

  it.each([
    ['qemu:///system', true],
    ['lxc+unix:///system', true],
    ['qemu+unix:///system?socket=/nonexistent/sock', false],
    ['qemu+ssh://localhost/system', false],
    ['test:///default', false],
  ])('of %s has the links of this machine: %j', (uri, local) => {
    expect(isLocal(uri)).toBe(local);
  });

  it('is a session by its path, whatever the socket is called', () => {
    expect([isSession('qemu:///session?socket=/run/x'), isSession('qemu:///system?socket=/run/session')]).toEqual([
      true,
      false,
    ]);
  });
});

describe("the kernel's list of unix sockets", () => {
  it('is read for the sockets that wait for connections at a path', () => {
    const text = [
      'Num       RefCount Protocol Flags    Type St Inode Path',
      '0000000000000000: 00000002 00000000 00010000 0001 01 95029 /run/libvirt/libvirt-sock',
      '0000000000000000: 00000003 00000000 00000000 0001 03  1234 /run/libvirt/libvirt-sock',
      '0000000000000000: 00000002 00000000 00010000 0001 01    77 @abstract',
      '0000000000000000: 00000002 00000000 00010000 0001 01    78 /run/with blank',
      '0000000000000000: 00000002 00000000 00000000 0002 01 98352',
      '',
    ].join('\n');
    expect(parseListening(text)).toEqual([
      { inode: '95029', path: '/run/libvirt/libvirt-sock' },
      { inode: '78', path: '/run/with blank' },
    ]);
  });
});
