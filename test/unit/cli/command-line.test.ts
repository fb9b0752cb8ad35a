import { describe, expect, it } from '@jest/globals';
import { commandLine } from '../../../src/cli/command-line.ts';

describe('the command line of a run', () => {
  it('is the same whatever the order of its options', () => {
    const one = commandLine(['net', 'create'], ['lab'], { nat: 'auto', bridgeName: 'lab0' });
    expect(one).toBe('net create lab --bridge-name=lab0 --nat=auto');
    expect(commandLine(['net', 'create'], ['lab'], { bridgeName: 'lab0', nat: 'auto' })).toBe(one);
  });

  it('can be typed again: flags, what is switched off, lists and what a shell would take apart', () => {
    const options = { isolated: true, dns: false, dhcp: ['1-2', '3-4'], title: "it's a lab", mtu: undefined };
    expect(commandLine(['net', 'create'], [], options)).toBe(
      "net create --dhcp=1-2 --dhcp=3-4 --no-dns --isolated '--title=it'\\''s a lab'",
    );
  });
});
