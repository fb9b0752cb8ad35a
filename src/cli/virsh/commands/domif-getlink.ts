import { KvmnetError } from '../../../errors.ts';
import { lazyDomain } from '../../../xml/lazy-domain.ts';
import { alias, common, type VirshDefinition } from '../grammar/definition.ts';
import { VirshError } from '../grammar/error.ts';
import { findVirshDomain, nicOption } from './domain-arguments.ts';
import { normalMac } from '../../../values/mac.ts';

export const domifGetlink: VirshDefinition = {
  options: [common.domain, nicOption, alias('persistent', 'config'), common.config('domain')],
  examples: [['domif-getlink VM1 vnet0', 'whether its link is up']],
  async run(call) {
    const wanted = call.required('interface');
    const connection = await call.connection('read');
    const { uuid, name } = await findVirshDomain(call, connection);
    const xml = await connection.call('domainXml', { domain: uuid, inactive: call.given('config') });
    const mac = normalMac(wanted);
    const found = lazyDomain(xml).interfaces.filter(
      (nic) => (nic.mac?.address ?? '') === (mac ?? '') || nic.target?.dev === wanted,
    );
    const [nic, ...others] = found;
    if (!nic) {
      const which = mac === undefined ? `dev: ${wanted}` : `mac: ${mac}`;
      throw new VirshError(
        'NOTFOUND',
        `${name} has no NIC ${JSON.stringify(wanted)}`,
        `Interface (${which}) not found.`,
        {
          hint: `kvmnet vm nics ${name} shows its NICs`,
        },
      );
    }
    if (others.length > 0) {
      throw new KvmnetError('AMBIGUOUS', `${wanted} is ${String(found.length)} NICs of ${name}`, {
        hint: 'name it by its tap',
      });
    }
    const link = nic.link?.state ?? 'up';
    call.print(`${wanted} ${link}`);
    return { domain: name, interface: wanted, link };
  },
};
