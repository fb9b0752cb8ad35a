/** Output of host show, from a summary. */
import { describe, expect, it } from '@jest/globals';
import { hostText } from '../../../src/cli/views/host.ts';

const summary = { links: [], defaultRoutes: [], forwarding: {}, features: undefined };
const atBoot = (managers: Readonly<Record<string, string>>): string | undefined =>
  /^At boot +(.*)$/m.exec(hostText({ ...summary, managers }))?.[1];

describe('host show', () => {
  it('names what brings devices up at boot', () => {
    expect(atBoot({ NetworkManager: 'absent' })).toBe('no program that kvmnet knows brings devices up');
    expect(atBoot({ NetworkManager: 'enabled', network: 'disabled' })).toBe('NetworkManager brings devices up');
    expect(atBoot({ NetworkManager: 'enabled', networking: 'enabled' })).toBe(
      'NetworkManager, networking bring devices up',
    );
  });

  it('reports that the files of SUSE are not read', () => {
    expect(atBoot({ wicked: 'enabled' })).toBe(
      'wicked brings devices up; kvmnet neither reads nor writes the ifcfg files of wicked (SUSE)',
    );
  });
});
