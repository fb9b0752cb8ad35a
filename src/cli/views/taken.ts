/** Describes what was moved from a NIC to its bridge. */
import type { Plan } from '../../plan/step.ts';
import { isDefaultRoute } from '../../values/route.ts';
import { cidr } from '../../plan/host/wanted.ts';

/** The addresses and default routes that a bridge has by a plan: ` with 192.0.2.10/24, default via 192.0.2.1`. */
export function takenText(bridge: string, { steps }: Plan): string {
  const links = steps.flatMap(({ verify }) => (verify.expect === 'links' ? [verify.links[bridge]] : []));
  const parts = links.flatMap((link) => [
    ...(link?.addresses ?? []).map(cidr),
    ...(link?.routes ?? []).flatMap((route) =>
      isDefaultRoute(route) && route.gateway !== undefined && route.table === 'main'
        ? [`default via ${route.gateway}`]
        : [],
    ),
  ]);
  return parts.length === 0 ? '' : ` with ${parts.join(', ')}`;
}
