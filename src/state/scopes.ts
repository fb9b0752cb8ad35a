/** The scopes of a domain that a change touches, live and config, and whether its hypervisor can do it. */
import { KvmnetError } from '../errors.ts';
import type { DomainState } from './state.ts';
import { quoted } from '../values/quoted.ts';

/** --live and --config as the user gave them. */
export interface WantedScopes {
  readonly live?: boolean | undefined;
  readonly config?: boolean | undefined;
}

export interface Scopes {
  readonly live: boolean;
  readonly config: boolean;
}

/** Both scopes of a running, persistent domain, unless one is asked for. Throws CONFLICT for one that the domain does not have. */
export function chooseScopes(domain: DomainState, wanted: WantedScopes): Scopes {
  if (wanted.live === true && !domain.active) {
    throw new KvmnetError('CONFLICT', `${domain.name} is not running: it has no live NICs`, {
      hint: `leave out --live, or start it: kvmnet vm start ${quoted(domain.name)}`,
    });
  }
  if (wanted.config === true && !domain.persistent) {
    throw new KvmnetError('CONFLICT', `${domain.name} is transient: it has no configuration`, {
      hint: 'leave out --config',
    });
  }
  if (wanted.live === true || wanted.config === true)
    return { live: wanted.live === true, config: wanted.config === true };
  return { live: domain.active, config: domain.persistent };
}

/** libvirt's test driver changes devices by a new definition only, and never the devices of a running domain. */
export function lacksHotplug(hypervisor: string): boolean {
  return hypervisor === 'TEST';
}

/** libvirt's LXC driver can attach and detach NICs of running containers, but not change them. */
export function supportsLiveUpdate(hypervisor: string): boolean {
  return hypervisor !== 'LXC';
}

/** Throws DEPENDENCY where the driver cannot change NICs of a running domain. */
export function requireHotplug(domain: DomainState, hypervisor: string, scopes: Scopes): void {
  if (!scopes.live || !lacksHotplug(hypervisor)) return;
  throw new KvmnetError('DEPENDENCY', `libvirt's test driver cannot change the NICs of ${domain.name} while it runs`, {
    hint: '--config changes them for the next boot',
  });
}
