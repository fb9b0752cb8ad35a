import type { NetworkState, State } from '../../state/state.ts';
import { buildNetwork } from '../../xml/build.ts';
import { sameNetwork } from '../../xml/meaning.ts';
import type { Network } from '../../xml/network.ts';
import { checkNetwork } from './check/network.ts';
import { refuse, advisories } from '../finding.ts';
import { withFreeBridge } from './free-subnet.ts';
import type { NetworkLifecycle } from './options.ts';
import { autostartStep, createStep, defineStep, redefineStep, startStep } from '../steps/network.ts';
import type { Plan } from '../step.ts';

/**
 * Creates a network: define, autostart and start, as specified by `lifecycle`; a transient one in one step.
 * @param lifecycle its `uuid` is the new network's, so that every step names it
 * @throws the errors of checkNetwork
 */
export function planNetworkCreate(
  network: Network,
  state: State,
  lifecycle: NetworkLifecycle & { readonly uuid: string },
): Plan {
  const complete = { ...withFreeBridge(network, state), uuid: lifecycle.uuid };
  const findings = checkNetwork(complete, state);
  refuse(findings);
  const xml = buildNetwork(complete);
  const steps = lifecycle.transient
    ? [createStep(complete, lifecycle.uuid, xml, state)]
    : [
        defineStep(complete.name, lifecycle.uuid, xml),
        ...(lifecycle.autostart ? [autostartStep(complete.name, lifecycle.uuid, true)] : []),
        ...(lifecycle.start ? [startStep(complete, lifecycle.uuid, state)] : []),
      ];
  return { title: `create network ${complete.name}`, steps, ...advisories(findings) };
}

/**
 * Defines a network as given, or redefines the network with its UUID. Settings that already match need no step.
 * @param options `uuid`: for a definition without one
 * @throws the errors of checkNetwork
 */
export function planNetworkDefine(given: Network, state: State, { uuid }: { readonly uuid: string }): Plan {
  const network = withFreeBridge(given, state);
  const findings = checkNetwork(network, state);
  refuse(findings);
  const existing = state.networks.find((other) => other.uuid.toLowerCase() === network.uuid?.toLowerCase());
  if (existing !== undefined) return planRedefine(network, existing, state);
  const complete = { ...network, uuid: network.uuid ?? uuid };
  const steps = [defineStep(complete.name, complete.uuid, buildNetwork(complete))];
  return { title: `define network ${complete.name}`, steps, ...advisories(findings) };
}

function planRedefine(network: Network, existing: NetworkState, state: State): Plan {
  const { name, inactive, inactiveXml, active } = existing;
  const title = `redefine network ${name}`;
  if (inactive !== undefined && sameNetwork(inactive, network)) return { title, steps: [], warnings: [], consent: [] };
  const { warnings, consent } = advisories(checkNetwork(network, state));
  // Questions that already applied to the present definition are not asked again.
  const known = new Set(inactive === undefined ? [] : advisories(checkNetwork(inactive, state)).consent);
  const later = `network ${name} is active: the new definition takes effect when it starts next`;
  return {
    title,
    steps: [redefineStep(existing, buildNetwork(network), inactiveXml)],
    warnings: active ? [...warnings, later] : warnings,
    consent: consent.filter((question) => !known.has(question)),
  };
}
