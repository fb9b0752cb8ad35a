/** Bridges of the host that go. */
import type { State } from '../../state/state.ts';
import type { Link } from '../../records/link.ts';
import type { Plan } from '../step.ts';
import { findOwnBridge, hostOf } from './find-link.ts';
import type { WantedLinks } from '../../records/desired-link.ts';
import { lossesOf, requireNothingOn } from './link-delete.ts';
import { linkSteps } from './link-step.ts';
import { quoted } from '../../values/quoted.ts';

/**
 * Deletes bridges; the devices that were their ports remain.
 * @param ssh the value of SSH_CONNECTION
 * @throws NOTFOUND, INPUT; CONFLICT for bridges of other programs, and if a VLAN device depends on one
 */
export function planBridgeDelete(names: readonly string[], state: State, ssh?: string): Plan {
  const host = hostOf(state);
  const bridges = [...new Set(names)].map((name) =>
    findOwnBridge(name, state, (network) => `kvmnet net delete ${quoted(network)}`),
  );
  requireNothingOn(bridges, host, ({ name, parent, vlan }) =>
    vlan ? `kvmnet vlan delete ${quoted(parent ?? '')} ${String(vlan.id)}` : `ip link delete dev ${name}`,
  );
  const ports = (bridge: Link): readonly Link[] => host.links.filter(({ master }) => master === bridge.name);
  const steps = bridges.flatMap((bridge) => {
    const freed: WantedLinks = Object.fromEntries(ports(bridge).map((port) => [port.name, { master: null }]));
    return linkSteps(`delete bridge ${bridge.name}`, { [bridge.name]: null, ...freed }, host);
  });
  const taps = new Set(
    state.domains.flatMap(({ active, domain }) => (active ? domain.interfaces.map(({ target }) => target?.dev) : [])),
  );
  const released = bridges.flatMap((bridge) => {
    const left = ports(bridge)
      .map(({ name }) => name)
      .filter((name) => !taps.has(name));
    return left.length === 0 ? [] : [`${left.join(', ')} will no longer belong to any bridge`];
  });
  const title = `delete ${bridges.length === 1 ? 'bridge' : 'bridges'} ${bridges.map(({ name }) => name).join(', ')}`;
  return { title, steps, warnings: [], consent: [...lossesOf(bridges, steps, state, ssh), ...released] };
}
