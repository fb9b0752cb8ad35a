import { common, flag, type VirshDefinition } from '../grammar/definition.ts';
import { readNamed } from '../../../state/unreadable.ts';
import { lazyDomain } from '../../../xml/lazy-domain.ts';
import { domiflistHeadings, domiflistRow } from '../../views/domiflist.ts';
import { findDomainRecord } from './domain-arguments.ts';

/** As virsh has it: one domain. kvmnet's own domiflist takes none, or several. */
export const domiflist: VirshDefinition = {
  options: [common.domain, flag('inactive', 'get inactive rather than running configuration')],
  examples: [['virsh domiflist VM1', 'its NICs']],
  async run(call) {
    const connection = await call.connection('read');
    const { name, uuid } = await findDomainRecord(call, connection);
    const xml = await connection.call('domainXml', { domain: uuid, inactive: call.given('inactive') });
    const { interfaces } = readNamed('domain', name, () => lazyDomain(xml));
    const rows = interfaces.map(domiflistRow);
    await call.table(domiflistHeadings, rows);
    return rows;
  },
};
