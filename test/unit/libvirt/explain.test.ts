import { describe, expect, it } from '@jest/globals';
import { KvmnetError } from '../../../src/errors.ts';
import { LibvirtError, type VirError } from '../../../src/libvirt/error.ts';
import { explainOpenError, explainTimeout } from '../../../src/libvirt/explain.ts';

/** Messages of libvirt 9.0. */
const virError = (given: Partial<VirError>): VirError => ({
  ...{ function: 'virConnectOpen', code: 38, domain: 7, message: 'what libvirt says', level: 2 },
  ...{ str1: '%s', str2: null, str3: null, int1: -1, int2: -1 },
  ...given,
});

const explained = (uri: string, given: Partial<VirError>): KvmnetError => {
  const error = explainOpenError(uri, new LibvirtError(virError(given)));
  expect(error).toBeInstanceOf(KvmnetError);
  return error as KvmnetError;
};

describe('the error of an opening', () => {
  it.each([
    ['a socket that does not exist', 'qemu:///system', { int1: 2 }, 'CONNECT', /systemctl start libvirtd/],
    ['a session daemon that does not start', 'qemu:///session', { int1: 2 }, 'CONNECT', /XDG_RUNTIME_DIR/],
    ['a connection that breaks', 'qemu:///system', { code: 39 }, 'CONNECT', /systemctl start/],
    ['a port that is closed', 'qemu+tcp://h/system', { int1: 111 }, 'CONNECT', /is the host up/],
    ['ssh that fails', 'qemu+ssh://root@h/system', { int1: 104 }, 'CONNECT', /ssh HOST virsh uri/],
    ['certificates that are missing', 'qemu+tls://h/system', { int1: 2 }, 'CONNECT', /certificates/],
    ['certificates, where TLS was not asked for by name', 'qemu://h/system', { int1: 2 }, 'CONNECT', /certificates/],
    ['a socket without permission', 'qemu:///system', { int1: 13 }, 'PERMISSION', /group libvirt/],
    ['a kernel that forbids the socket', 'qemu:///system', { int1: 1 }, 'PERMISSION', /group libvirt/],
    ['a refusal by polkit', 'qemu:///system', { code: 45 }, 'PERMISSION', /group libvirt/],
    ['polkit, which does not run', 'qemu:///system', { code: 1, domain: 47 }, 'PERMISSION', /group libvirt/],
    ['polkit, which fails', 'qemu:///system', { code: 1, domain: 60 }, 'PERMISSION', /group libvirt/],
    ['a path that the driver does not have', 'qemu:///foo', { code: 1, domain: 10 }, 'INPUT', /URIs look like/],
    ['a transport that there is not', 'qemu+foo:///system', { code: 8, domain: 13 }, 'INPUT', /URIs look like/],
    ['a driver that there is not', 'foo:///system', { code: 5 }, 'INPUT', /URIs look like/],
    ['anything else', 'qemu:///system', { code: 9 }, 'CONNECT', /systemctl start/],
  ] as const)('%s: %s, %j is %s with a remedy', (_what, uri, given, code, hint) => {
    const error = explained(uri, given);
    expect(error.code).toBe(code);
    expect(error.hint).toMatch(hint);
    expect(error.message).toContain(uri);
    expect(error.message).toMatch(/: what libvirt says$/);
    expect(error).toBeInstanceOf(LibvirtError);
    expect(error).toHaveProperty('virError', virError(given));
  });

  it('names the limit of open files, and not the daemon, where this process may open no more', () => {
    const error = explained('qemu:///system', { message: 'Failed to create socket: Too many open files', int1: 24 });
    const message =
      'qemu:///system cannot be opened: too many open files: raise the limit of this process (ulimit -n 1024)';
    expect(error).toMatchObject({ code: 'BACKEND', message, hint: undefined });
  });

  it.each([27, 35])('with code %d does not reveal the contents of the file that the URI names', (code) => {
    const error = explained('test:///etc/shadow', { code, message: 'root:secret' });
    expect(error).toMatchObject({ code: 'INPUT', message: expect.stringContaining('test:///etc/shadow') as unknown });
    expect(JSON.stringify([error.message, error.hint, error.details])).not.toContain('secret');
    expect(error.cause).toBeUndefined();
  });

  it('that is not of libvirt is returned as it is', () => {
    const own = new KvmnetError('DEPENDENCY', 'no libvirt');
    expect(explainOpenError('qemu:///system', own)).toBe(own);
    const bug = new TypeError('a bug');
    expect(explainOpenError('qemu:///system', bug)).toBe(bug);
  });
});

describe('a deadline that has passed', () => {
  it.each([
    ['qemu:///system', 'open', 1_000, 'qemu:///system did not answer within 1 s', /systemctl status/],
    ['qemu:///system', 'listNetworks', 30_000, 'qemu:///system did not answer within 30 s', /systemctl status/],
    ['qemu+ssh://h/system', 'open', 1_500, 'qemu+ssh://h/system did not answer within 1.5 s', /is the host up/],
    [
      'qemu:///system',
      'networkStart',
      120_000,
      'libvirt did not finish within 120 s; the change may still complete',
      /kvmnet net list/,
    ],
  ] as const)('at %s, %s after %d ms: %s', (uri, what, timeout, message, hint) => {
    const error = explainTimeout(uri, what, timeout);
    expect(error).toMatchObject({ code: 'TIMEOUT', message });
    expect(error.hint).toMatch(hint);
  });
});
