/** Which links can be ports of a bridge or a bond, and carry VLANs; the others are refused with the reason. */
import { KvmnetError } from '../../errors.ts';
import type { HostState, State } from '../../state/state.ts';
import type { Link } from '../../records/link.ts';
import { findLink, hostOf, kindText } from './find-link.ts';
import { cidr, listed } from './wanted.ts';
import { quoted } from '../../values/quoted.ts';

/** @throws INPUT for what carries no Ethernet frames of others; CONFLICT for a guest's own device */
export function requireEthernet(link: Link, { domains }: Pick<State, 'domains'>): void {
  const { name, kind, type, wireless } = link;
  if (wireless) {
    throw new KvmnetError('INPUT', `${name} is wireless: access points only accept frames with its own MAC address`, {
      hint: 'give guests a network with NAT: kvmnet net create --nat auto',
    });
  }
  if (type !== 'ether') {
    throw new KvmnetError('INPUT', `${name} is ${kindText(link)}: it carries no Ethernet frames of others`, {
      hint: 'name an Ethernet NIC: kvmnet host show',
    });
  }
  const owner = domains.find(
    ({ active, domain }) => active && domain.interfaces.some(({ target }) => target?.dev === name),
  );
  if (owner) {
    throw new KvmnetError('CONFLICT', `${name} is a NIC of VM ${owner.name}: libvirt decides what it is attached to`, {
      hint: `kvmnet vm move ${quoted(owner.name)} ${quoted(name)} BRIDGE, or kvmnet vm detach ${quoted(owner.name)} ${quoted(name)}`,
    });
  }
  if (kind === 'macvtap' || /^(vnet|macvtap)\d+$/.test(name)) {
    throw new KvmnetError('CONFLICT', `${name} has the name of a guest's own device: libvirt manages it`, {
      hint: 'kvmnet domiflist shows its guest',
    });
  }
}

/**
 * A link that may become a port of `master`, or is one already. Its own addresses are another matter: requireNoAddresses.
 * @throws INPUT, NOTFOUND or CONFLICT
 */
export function findPort(name: string, master: string, state: State): Link {
  const host = hostOf(state);
  const link = findLink(name, host);
  if (name === master) {
    throw new KvmnetError('INPUT', `${name} cannot be a port of itself`, {
      hint: 'name the NIC that is to be its port',
    });
  }
  requireEthernet(link, state);
  if (link.kind === 'bridge' || link.kind === 'openvswitch') {
    throw new KvmnetError('INPUT', `${name} is a bridge, and a bridge cannot be a port of another`, {
      hint: `give ${master} the ports of ${name} instead`,
    });
  }
  if (link.master === master) return link;
  refuseTaken(link, master, host);
  return link;
}

/** @throws CONFLICT for what is, or carries, something that excludes a port */
function refuseTaken(link: Link, master: string, host: HostState): void {
  const { name } = link;
  if (link.master !== undefined) {
    throw new KvmnetError('CONFLICT', `${name} is a port of ${link.master} already`, {
      hint: isBridge(link.master, host)
        ? `kvmnet bridge del-port ${quoted(link.master)} ${quoted(name)}`
        : `remove it from ${link.master} first: ip link set dev ${name} nomaster`,
    });
  }
  if (standsOn(link, master, host)) {
    throw new KvmnetError('INPUT', `${name} is on top of ${master} itself`, { hint: `name another NIC` });
  }
  const above = host.links.find(({ kind, parent }) => parent === name && (kind === 'macvlan' || kind === 'macvtap'));
  if (above) {
    throw new KvmnetError(
      'CONFLICT',
      `${name} carries ${above.name}, ${kindText(above)}: it cannot be a port as well`,
      {
        hint:
          above.kind === 'macvtap'
            ? 'kvmnet domiflist shows which guest sits on it'
            : `ip link delete dev ${above.name}`,
      },
    );
  }
  const otherEnd = link.kind === 'veth' ? host.links.find((each) => each.name === link.parent) : undefined;
  if (otherEnd?.master === master) {
    throw new KvmnetError(
      'CONFLICT',
      `the other end of ${name}, ${otherEnd.name}, is a port of ${master}: frames would run in a circle`,
      {
        hint: 'join two different bridges by them',
      },
    );
  }
}

function standsOn(link: Link, below: string, host: HostState): boolean {
  if (link.kind === 'veth' || link.parent === undefined) return false;
  if (link.parent === below) return true;
  const parent = host.links.find(({ name }) => name === link.parent);
  return parent !== undefined && standsOn(parent, below, host);
}

/** The addresses of a port are dead: frames to it go to the bridge. @throws CONFLICT with these addresses, and with `remedy` */
export function requireNoAddresses(link: Link, master: string, remedy: string): void {
  const addresses = listed(link.addresses).map(cidr);
  if (addresses.length === 0 || link.master === master) return;
  const [its, would] = addresses.length === 1 ? ['the address', 'it'] : ['the addresses', 'they'];
  throw new KvmnetError(
    'CONFLICT',
    `${link.name} has ${its} ${addresses.join(', ')}: as a port of ${master} ${would} would not be reachable`,
    {
      hint: remedy,
    },
  );
}

/** Returns the warning about a NIC that must be up for the device created on it. */
export function parentDown({ name, up }: Link): readonly string[] {
  return up ? [] : [`${name} is down, and is brought up`];
}

/** @throws CONFLICT for a NIC that belongs to one guest: the kernel accepts no other macvlan or macvtap on it */
export function requireShared(nic: string, { links }: HostState): void {
  const alone = links.find(({ parent, macvlan }) => parent === nic && macvlan?.mode === 'passthru');
  if (!alone) return;
  throw new KvmnetError('CONFLICT', `${nic} belongs to ${alone.name} alone, ${kindText(alone)} of mode passthrough`, {
    hint: 'find its guest with kvmnet domiflist, or use another NIC',
  });
}

export function isBridge(name: string, { links }: HostState): boolean {
  return links.some((link) => link.name === name && link.kind === 'bridge');
}
