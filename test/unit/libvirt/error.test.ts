import { describe, expect, it } from '@jest/globals';
import { KvmnetError } from '../../../src/errors.ts';
import {
  isLibvirtError,
  LibvirtError,
  receiveError,
  sendError,
  virErrors,
  type VirError,
} from '../../../src/libvirt/error.ts';

const virError = (code: number): VirError => ({
  ...{ function: 'virNetworkCreate', code, domain: 19, message: 'what libvirt says', level: 2 },
  ...{ str1: '%s', str2: 'two', str3: null, int1: 17, int2: -1 },
});

/** As postMessage carries it from one thread to the other. */
const acrossThreads = (error: unknown): Error => receiveError(structuredClone(sendError(error)));

describe('an error that crosses the threads', () => {
  it('of libvirt keeps class, code, message, hint and every field of virError', () => {
    const sent = new LibvirtError(virError(88), 'PERMISSION', 'a sentence', { hint: 'a remedy' });
    const got = acrossThreads(sent);
    expect(got).toBeInstanceOf(LibvirtError);
    expect(got).toMatchObject({ code: 'PERMISSION', message: 'a sentence', hint: 'a remedy' });
    expect(got).toMatchObject({ virError: virError(88), details: { libvirt: virError(88) } });
  });

  it('of ours keeps class, code, message and hint', () => {
    const got = acrossThreads(new KvmnetError('DEPENDENCY', 'libvirt.so.0 is not installed', { hint: 'install it' }));
    expect(got).toBeInstanceOf(KvmnetError);
    expect(got).not.toBeInstanceOf(LibvirtError);
    expect(got).toMatchObject({ code: 'DEPENDENCY', message: 'libvirt.so.0 is not installed', hint: 'install it' });
    expect(acrossThreads(new KvmnetError('INPUT', 'no hint'))).toHaveProperty('hint', undefined);
  });

  it('that is a bug stays one, with the stack of where it happened', () => {
    const bug = new TypeError('undefined is not a function');
    const got = acrossThreads(bug);
    expect(got).not.toBeInstanceOf(KvmnetError);
    expect(got).toMatchObject({ message: bug.message, stack: bug.stack });
    expect(acrossThreads('thrown text').message).toBe('thrown text');
  });
});

describe("libvirt's numbers", () => {
  it.each([
    ['VIR_ERR_NO_NETWORK', 'NOTFOUND'],
    ['VIR_ERR_NO_DOMAIN', 'NOTFOUND'],
    ['VIR_ERR_NETWORK_EXIST', 'CONFLICT'],
    ['VIR_ERR_OPERATION_DENIED', 'PERMISSION'],
    ['VIR_ERR_ACCESS_DENIED', 'PERMISSION'],
    ['VIR_ERR_NO_SUPPORT', 'DEPENDENCY'],
    ['VIR_ERR_XML_ERROR', 'INPUT'],
    ['VIR_ERR_OPERATION_INVALID', 'BACKEND'],
    ['VIR_ERR_SYSTEM_ERROR', 'BACKEND'],
  ] as const)('%s is %s', (name, code) => {
    expect(new LibvirtError(virError(virErrors[name])).code).toBe(code);
  });

  it('that are unknown are BACKEND', () => {
    expect(new LibvirtError(virError(9_999)).code).toBe('BACKEND');
  });
});

describe('isLibvirtError', () => {
  const noNetwork = new LibvirtError(virError(virErrors.VIR_ERR_NO_NETWORK));
  it('finds the number in an error, and in what caused it, however deep', () => {
    expect(isLibvirtError(noNetwork, 'VIR_ERR_NO_NETWORK')).toBe(true);
    const outer = new Error('outer', { cause: new KvmnetError('PARTIAL', 'inner', { cause: noNetwork }) });
    expect(isLibvirtError(outer, 'VIR_ERR_NO_DOMAIN', 'VIR_ERR_NO_NETWORK')).toBe(true);
  });

  it('takes no other number, no other error and no other thing for it', () => {
    expect(isLibvirtError(noNetwork, 'VIR_ERR_NO_DOMAIN')).toBe(false);
    expect(isLibvirtError(noNetwork)).toBe(false);
    expect(isLibvirtError(new Error('43'), 'VIR_ERR_NO_NETWORK')).toBe(false);
    expect(isLibvirtError(virError(43), 'VIR_ERR_NO_NETWORK')).toBe(false);
    expect(isLibvirtError(undefined, 'VIR_ERR_NO_NETWORK')).toBe(false);
  });
});
