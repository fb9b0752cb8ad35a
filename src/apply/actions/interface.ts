/** How the actions on the host's interfaces are done and undone, as libvirt configures them. */
import { unlessMissing } from '../../errors.ts';
import type { InterfaceAction } from '../../plan/step.ts';
import { interfaceName } from '../../xml/object-name.ts';
import { noTarget, type ActionRows, type Read } from './row.ts';

export const interfaceActions: ActionRows<InterfaceAction> = {
  interfaceDefine: {
    target: ({ xml }) => theInterface({ name: interfaceName(xml) }),
    isRestored: async (connection, { xml }) =>
      (await connection.call('interfaceXml', { name: interfaceName(xml), inactive: true })) === xml,
  },
  interfaceUndefine: { target: theInterface },
  interfaceStart: { target: theInterface },
  interfaceDestroy: { target: theInterface },
  interfaceTransaction: {
    target: noTarget,
    // A second transaction, the end of one that was not begun; and udev's driver has none.
    refusedBy: ['VIR_ERR_OPERATION_INVALID', 'VIR_ERR_NO_SUPPORT'],
  },
};

function theInterface({ name }: { readonly name: string }): Read {
  return async (connection) => [
    await unlessMissing(connection.call('getInterface', { name })),
    await unlessMissing(connection.call('interfaceXml', { name, inactive: true })),
  ];
}
