/** A NIC as `virsh domiflist` prints it. */
import { sourceOf } from '../../state/nics.ts';
import type { Domain } from '../../xml/domain.ts';

export const domiflistHeadings: readonly string[] = ['Interface', 'Type', 'Source', 'Model', 'MAC'];

/** The facts that virsh takes from the XML; what is absent, or empty, is a dash. */
export function domiflistRow(nic: Domain['interfaces'][number]): string[] {
  const { target, type, model, mac } = nic;
  return [target?.dev, type, sourceOf(nic), model?.type, mac?.address].map((cell) => (cell ?? '') || '-');
}
