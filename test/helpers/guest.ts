/** Tiny guests for the private host: real QEMU under software emulation, up in about 10 seconds. */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { must, root, run, virsh, virshWith } from './host.ts';
import { labCache } from './lab.ts';
import { waitFor } from './wait.ts';

export interface GuestOptions {
  /** The elements `<interface>` it is defined with, as XML. */
  readonly nics?: readonly string[];
  /** q35 (the default) has PCI Express and this number of spare root ports; pc has plain PCI with enough slots. */
  readonly machine?: 'q35' | 'pc';
  /** Free pcie-root-ports for NICs that are attached later; q35 only. */
  readonly spareRootPorts?: number;
  /** Kernel arguments, for example `guest.ip=eth0=192.168.100.10/24` for an address without DHCP. */
  readonly kernelArguments?: string;
  /** Its serial console is a pseudo-terminal, which `virsh console` opens. */
  readonly terminal?: boolean;
  /** Defined and left shut off. */
  readonly start?: boolean;
}

export interface Guest {
  readonly name: string;
  start(): Promise<void>;
  /** Output on its serial console so far. */
  console(): Promise<string>;
  /** The first address that it leased on a NIC, named as the guest names it: eth0, eth1, … */
  lease(nic?: string): Promise<string>;
  /** The addresses that it has leased on eth0 so far, the newest last. */
  leases(): Promise<readonly string[]>;
  /**
   * Waits for the newest lease on eth0 to be like this, and to have come after the first `after`. A link that goes away twice in a row may
   * cost one more lease in between.
   */
  newLease(like: RegExp, after: number): Promise<string>;
  /** Destroys and undefines it; nothing happens where it is gone already. */
  remove(): Promise<void>;
}

/** Kernel and initial file system, made once and kept in the cache by test/lab/lab. */
async function image(): Promise<string> {
  await must(`${root}test/lab/lab`, ['guest']);
  return `${labCache}/guest`;
}

/** Drivers that a kernel does not need on an emulated machine: without them it boots in two thirds of the time. */
const quick = 'nokaslr mitigations=off tsc=reliable no_timer_check audit=0 cryptomgr.notests random.trust_cpu=on';

/** Where libvirt keeps the configuration and the leases of its DHCP servers, by network and by bridge. */
const dnsmasq = '/var/lib/libvirt/dnsmasq';

/** A directory that is gone with the private host. */
const consoles = '/run/kvmnet-test';

function domainXml(name: string, boot: string, options: GuestOptions): string {
  const { machine = 'q35', spareRootPorts = 4, nics = [], terminal = false } = options;
  // Each NIC that it is defined with takes a root port too.
  const ports = machine === 'q35' ? Array.from({ length: spareRootPorts + nics.length }, (_, index) => index + 1) : [];
  return `<domain type='qemu'>
  <name>${name}</name>
  <memory unit='MiB'>96</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='${machine}'>hvm</type>${boot}</os>
  <features><acpi/></features>
  <devices>
    ${ports.map((index) => `<controller type='pci' index='${index}' model='pcie-root-port'/>`).join('\n    ')}
    <controller type='usb' model='none'/>
    ${terminal ? `<serial type='pty'><log file='${consoles}/${name}'/></serial>` : `<serial type='file'><source path='${consoles}/${name}'/></serial>`}
    <memballoon model='none'/>
    ${nics.join('\n    ')}
  </devices>
</domain>`;
}

/**
 * dnsmasq runs libvirt's lease helper after it has answered the guest, so the guest may know of a lease first. True for
 * addresses that no DHCP server of libvirt manages.
 */
async function isKnownToLibvirt(address: string): Promise<boolean> {
  const route = await run('ip', ['-j', 'route', 'get', address]);
  const [{ dev } = { dev: '' }] = route.status === 0 ? (JSON.parse(route.stdout) as readonly { dev: string }[]) : [];
  const configs = (await readdir(dnsmasq)).filter((file) => file.endsWith('.conf'));
  const texts = await Promise.all(configs.map((file) => readFile(join(dnsmasq, file), 'utf8')));
  if (!texts.some((text) => text.includes(`interface=${dev}\n`) && text.includes('dhcp-range='))) return true;
  const status = await readFile(join(dnsmasq, `${dev}.status`), 'utf8').catch(() => '');
  return status.includes(`"${address}"`);
}

async function define(name: string, boot: string, options: GuestOptions): Promise<Guest> {
  await mkdir(consoles, { recursive: true });
  await virshWith(domainXml(name, boot, options), 'define', 'FILE');
  const guest: Guest = {
    name,
    start: async () => {
      await virsh('start', name);
    },
    console: () => readFile(`${consoles}/${name}`, 'utf8'),
    lease: (nic = 'eth0') => waitForLease(`a lease of ${nic}`, async () => (await leasesOf(nic))[0]),
    leases: () => leasesOf('eth0'),
    newLease: (like, after) =>
      waitForLease(`a lease like ${String(like)} after the first ${after}`, async () => {
        const newest = (await leasesOf('eth0')).slice(after).at(-1);
        return newest !== undefined && like.test(newest) && newest;
      }),
    remove: async () => {
      const known = (await virsh('list', '--all', '--name')).split('\n');
      if (!known.includes(name)) return;
      await run('virsh', ['--connect', 'qemu:///system', 'destroy', name]);
      await run('virsh', ['--connect', 'qemu:///system', 'undefine', name]);
    },
  };
  if (options.start ?? true) await guest.start();
  return guest;

  async function leasesOf(nic: string): Promise<readonly string[]> {
    // The line may follow the prompt of the guest's shell, and be read before all of it is written.
    const lines = (await guest.console()).matchAll(new RegExp(`LEASE ${nic} (\\S+)\\s`, 'g'));
    return [...lines].map(([, address = '']) => address);
  }

  async function waitForLease(what: string, look: () => Promise<string | false | undefined>): Promise<string> {
    const address = await waitFor(`${what} in guest ${name}`, look).catch(async (error: unknown) => {
      throw new Error(`guest ${name} printed only:\n${await guest.console()}`, { cause: error });
    });
    await waitFor(`libvirt to know the lease of ${address}`, () => isKnownToLibvirt(address));
    return address;
  }
}

/**
 * A guest with a tiny Linux: DHCP on each NIC, hot-plugged ones too, and again when a link comes back; HTTP on port 80
 * answers with a line that no other start of any guest has.
 */
export async function makeGuest(name: string, options: GuestOptions = {}): Promise<Guest> {
  const files = await image();
  const line = `console=ttyS0 quiet ${quick} panic=1 net.ifnames=0 ${options.kernelArguments ?? ''}`.trim();
  const boot = `<kernel>${files}/vmlinux</kernel><initrd>${files}/initrd.gz</initrd><cmdline>${line}</cmdline>`;
  return define(name, boot, options);
}

/** A guest that never boots: it answers no request to give a device back. */
export function makeGuestWithoutSystem(name: string, options: GuestOptions = {}): Promise<Guest> {
  return define(name, '', options);
}
