/** Everything that paths of a host are found with, prepared once for all of them. */
import type { PacketHost } from '../../firewall/journey.ts';
import type { NatRules } from '../../records/nat.ts';
import type { PolicyRule } from '../../records/policy-rule.ts';
import type { State } from '../../state/state.ts';
import type { EndpointFacts } from './endpoints.ts';
import { placeKey, spread, type Place, type Spread } from './frames.ts';
import { assumedPacketHost } from './libvirt-rules.ts';
import { wiringOf, type Wiring } from './wiring.ts';

export interface PathFacts extends EndpointFacts {
  /** The port forwards of the host. */
  readonly nat: NatRules;
  /** The rules, routes and settings for the host's packets; undefined where it could not be read, and libvirt's own rules are assumed. */
  readonly packets: PacketHost | undefined;
  /** The rules of policy routing; undefined where they could not be read. */
  readonly policy?: readonly PolicyRule[] | undefined;
}

export interface Ground {
  readonly state: State;
  readonly facts: PathFacts;
  readonly wiring: Wiring;
  readonly packets: PacketHost;
  /** All places that a frame may come to from one. */
  readonly spreadFrom: (start: Place | undefined) => Spread;
}

/** @param state with its routes and VLANs */
export function groundOf(state: State, facts: PathFacts): Ground {
  const wiring = wiringOf(state);
  const known = new Map<string, Spread>();
  return {
    ...{ state, facts, wiring },
    packets: facts.packets ?? assumedPacketHost(state, [...wiring.links.values()]),
    spreadFrom: (start) => {
      if (start === undefined) return new Map();
      const key = placeKey(start);
      const found = known.get(key) ?? spread(wiring, start);
      known.set(key, found);
      return found;
    },
  };
}
