import { findDomain } from '../../../state/find-domain.ts';
import { flag, typed } from '../../options.ts';
import { escapeXml } from '../../../values/printable.ts';
import { vm } from './arguments.ts';

/** virDomainXMLFlags */
const flags = { securityInfo: 1, inactive: 2 } as const;

export const command = typed({
  arguments: [vm],
  options: {
    inactive: flag('--inactive', 'Print the definition for the next boot, even of a running domain'),
    securityInfo: flag('--security-info', 'Include passwords and keys, which a definition needs to be complete'),
  },
  examples: [
    ['vm xml VM1', 'Print the live XML'],
    ['vm xml VM1 --inactive --security-info > VM1.xml', 'Print its complete definition, to define it again'],
  ],
  async run(context, [name = ''], { inactive, securityInfo }) {
    const scope = { only: ['domains'], domains: [name], showsUnreadable: 'domain' } as const;
    const state = await context.observe(scope);
    const hidden = state.unreadable?.find((each) => each.name === name || each.uuid === name.toLowerCase());
    const { name: found, uuid } = hidden ?? findDomain(state, name);
    // libvirt only reveals secrets over a read-write connection.
    const connection = await context.connection(securityInfo ? 'change' : 'read');
    const wanted = (securityInfo ? flags.securityInfo : 0) | (inactive ? flags.inactive : 0);
    const xml = await connection.call('getDomainXml', { domain: uuid, flags: wanted });
    return { value: { name: found, uuid, xml }, text: escapeXml(xml), isVerbatim: true };
  },
});
