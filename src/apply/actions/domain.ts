/** How the actions on whole domains are done and undone. */
import type { DomainAction } from '../../plan/step.ts';
import { parseDomain } from '../../xml/domain.ts';
import { covers } from './covers.ts';
import { lifecycle, theDomain, type ActionRows } from './row.ts';

export const domainActions: ActionRows<DomainAction> = {
  domainDefine: {
    target: ({ xml }) => theDomain({ domain: keyOf(xml) }),
    isRestored: async (connection, { xml }) =>
      (await connection.call('domainSecureXml', { domain: keyOf(xml) })) === xml,
    isWritten: async (connection, action, domain) => {
      const { inactiveXml, xml } = await connection.call('getDomain', { domain });
      return covers(parseDomain(inactiveXml ?? xml), parseDomain(action.xml));
    },
  },
  domainUndefine: { target: theDomain },
  domainStart: { target: theDomain, idleBy: lifecycle },
  domainShutdown: { target: theDomain, idleBy: lifecycle },
  domainDestroy: { target: theDomain, idleBy: lifecycle },
  domainReboot: { target: theDomain, idleBy: lifecycle },
  domainSuspend: { target: theDomain, idleBy: lifecycle },
  domainResume: { target: theDomain, idleBy: lifecycle },
  domainSetAutostart: { target: theDomain },
};

function keyOf(xml: string): string {
  const { name, uuid } = parseDomain(xml);
  return uuid ?? name;
}
