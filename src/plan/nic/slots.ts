/** A plan that gives a domain more places for NICs at its next boot. */
import { KvmnetError } from '../../errors.ts';
import { rootPorts } from '../../state/pci-slots.ts';
import type { DomainState } from '../../state/state.ts';
import { buildDomain } from '../../xml/build.ts';
import { parseDomain, type Domain } from '../../xml/domain.ts';
import type { Plan } from '../step.ts';
import { parseInteger } from '../../values/number.ts';
import { quoted } from '../../values/quoted.ts';

/** A PCI Express machine has one root port a device; libvirt adds up to 8 to each of the 31 slots of pcie.0. */
const maxRootPorts = 64;

/** The number of ports to add. Throws INPUT. */
export function parseSlotCount(value: string, origin: string): number {
  return parseInteger(value, origin, { min: 1, max: maxRootPorts, what: 'a number of slots', example: '4' });
}

/**
 * Adds pcie-root-ports to a domain's next boot.
 * @param secureXml its configuration with its secrets: libvirt forgets secrets that the new definition lacks
 * @throws CONFLICT for a transient domain, DEPENDENCY for a machine without PCI Express
 */
export function planAddSlots(domain: DomainState, secureXml: string, count: number): Plan {
  const { name, uuid } = domain;
  if (!domain.persistent) {
    throw new KvmnetError('CONFLICT', `${name} is transient: it has no next boot`, {
      hint: 'its definition is needed: kvmnet can change only what libvirt keeps',
    });
  }
  const config = parseDomain(secureXml);
  requireExpress(config, name);
  const used = config.controllers.filter(({ type }) => type === 'pci').map(({ index }) => index ?? 0);
  const next = Math.max(...used, 0) + 1;
  const ports = Array.from({ length: count }, (_, offset) => ({
    type: 'pci',
    index: next + offset,
    model: 'pcie-root-port',
  }));
  const xml = buildDomain({ ...config, controllers: [...config.controllers, ...ports] });
  const title = `add ${String(count)} pcie-root-ports to the next boot of ${name}`;
  return {
    title,
    steps: [
      {
        title,
        do: { call: 'domainDefine', xml },
        undo: [{ call: 'domainDefine', xml: secureXml }],
        verify: { expect: 'rootPorts', domain: uuid, count: rootPorts(config) + count },
      },
    ],
    warnings: domain.active
      ? [`${name} gets them when it is shut down and started: a reboot from inside is not enough`]
      : [],
    consent: [],
  };
}

function requireExpress({ controllers, os }: Domain, name: string): void {
  if (controllers.some(({ model }) => model === 'pcie-root')) return;
  const machine = os?.type?.machine ?? os?.type?.arch ?? 'a machine';
  throw new KvmnetError('DEPENDENCY', `${name} is ${machine}, without PCI Express: it has no pcie-root-ports`, {
    hint: `kvmnet vm slots ${quoted(name)} shows its conventional PCI slots`,
  });
}
