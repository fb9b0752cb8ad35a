/** Whether the host is still reached after a change: the gateways that answered before it must answer after it. */
import { KvmnetError } from '../errors.ts';
import { answers } from '../host/links/gateway.ts';
import { uptime } from '../host/processes.ts';
import type { Confirmation, Gateway } from '../plan/confirmation.ts';
import type { Pending } from './journal/journal.ts';

/** Milliseconds that a gateway has to answer before a change, and after it. */
const before = 1_000;
const after = 5_000;

/** The gateways that answer now; of each that does not, a warning: nothing can be learned from it afterwards. */
export async function gatewaysOf(
  { gateways }: Confirmation,
  onWarning: ((text: string) => void) | undefined,
): Promise<readonly Gateway[]> {
  const tried = await Promise.all(
    gateways.map(async (gateway) => ({ gateway, ok: await answers(gateway.address, gateway.before, before) })),
  );
  for (const { gateway, ok } of tried) {
    const { address, before: dev } = gateway;
    if (!ok)
      onWarning?.(`the gateway ${address} does not answer over ${dev}: whether it does afterwards is not checked`);
  }
  return tried.filter(({ ok }) => ok).map(({ gateway }) => gateway);
}

/** @throws BACKEND if a gateway no longer answers, TIMEOUT if the change took longer than the time to confirm it */
export async function stillReached(gateways: readonly Gateway[], { within, deadline }: Pending): Promise<void> {
  const patience = ({ delay }: Gateway): number => Math.min(after + delay * 1000, within * 800);
  const tried = await Promise.all(
    gateways.map(async (gateway) => ({
      gateway,
      ok: await answers(gateway.address, gateway.after, patience(gateway)),
    })),
  );
  const silent = tried.find(({ ok }) => !ok)?.gateway;
  if (silent) {
    throw new KvmnetError(
      'BACKEND',
      `the gateway ${silent.address} answered over ${silent.before}, and does not over ${silent.after}`,
      {
        hint: 'does the switch let this port have a bridge behind it (port security, a VLAN)?',
        details: { ...silent },
      },
    );
  }
  if (uptime() < deadline) return;
  throw new KvmnetError('TIMEOUT', `it took longer than the ${String(within)} s in which it has to be confirmed`, {
    hint: 'give more time: --confirm-within 120',
  });
}

/** From this moment on. */
export function pendingFrom({ within, ssh }: Confirmation): Pending {
  return {
    within,
    deadline: uptime() + within,
    until: new Date(Date.now() + within * 1000).toISOString(),
    ...(ssh === undefined ? {} : { ssh }),
  };
}
