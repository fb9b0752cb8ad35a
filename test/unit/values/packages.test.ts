import { describe, expect, it } from '@jest/globals';
import { installCommands, packageCommand } from '../../../dist/values/packages.js';

describe('packages', () => {
  it('are named for each distribution where it is not known', () => {
    expect(installCommands('virsh')).toBe(
      'apt-get install libvirt-clients (Debian, Ubuntu), dnf install libvirt-client (Fedora, RHEL), ' +
        'zypper install libvirt-client (SUSE) or pacman -S libvirt (Arch Linux)',
    );
  });

  it.each([
    [['debian'], 'apt-get install dnsmasq-base'],
    [['rocky', 'rhel', 'centos', 'fedora'], 'dnf install dnsmasq'],
    [['opensuse-leap', 'suse', 'opensuse'], 'zypper install dnsmasq'],
    [['arch'], 'pacman -S dnsmasq'],
    [['nixos'], '# install dnsmasq with the package manager of this system'],
  ])('are installed on %j by %s', (distribution, command) => {
    expect(packageCommand('install', 'dnsmasq', distribution)).toBe(command);
  });
});
