import { findDefined, nicRemarks, passwordRemark, planDomainDefine, uuidOf } from '../../../plan/domain/define.ts';
import { quoted } from '../../../values/quoted.ts';
import { parseDomain } from '../../../xml/domain.ts';
import { flag, typed } from '../../options.ts';
import { readDocument } from '../../terminal/input-file.ts';
import { changeResult } from '../../views/plan.ts';
import { readDefinition } from '../../../observe/domain-definition.ts';
import { withUuid } from '../../../xml/domain-uuid.ts';
import { warnOfDropped } from './arguments.ts';

export const command = typed({
  arguments: [{ name: '<FILE>', description: 'XML file, or - for standard input', completes: 'file' }],
  options: { validate: flag('--validate', "Validate it against libvirt's schema first") },
  description:
    'Defines a domain without starting it. If a domain with its name and UUID exists, that domain is redefined. Warnings name missing ' +
    'networks, bridges and NICs of the host, MAC addresses in use, and unknown elements that libvirt drops.',
  examples: [
    ['vm define VM1.xml', 'Define it; vm start starts it'],
    [
      'vm xml VM1 --inactive --security-info | sed s/e1000/virtio/ | kvmnet vm define -',
      'Change it with another program',
    ],
  ],
  async run(context, [file = '-'], { validate }) {
    const given = await readDocument(context, file);
    const domain = parseDomain(given);
    const { name } = domain;
    const known = uuidOf(domain);
    const uuid = known ?? crypto.randomUUID();
    const xml = await withUuid(given, domain, uuid);
    const seen = { before: false };
    const result = await context.change(
      async (state) => {
        const facts = findDefined(name, known, state);
        const definition = facts && (await readDefinition(context, facts, { secrets: !context.options.dryRun }));
        seen.before = definition !== undefined;
        const asked = { xml, name, uuid, validate };
        const plan = planDomainDefine(asked, facts && { facts, definition }, state);
        const remarks = [
          ...nicRemarks(domain, uuid, state),
          ...passwordRemark(name, definition, xml),
          ...liveRemark(domain),
        ];
        return { ...plan, warnings: [...remarks, ...plan.warnings] };
      },
      { leases: false },
    );
    if (!context.options.dryRun && domain.id === undefined) await warnOfDropped(context, xml, uuid);
    const start = `start it with: kvmnet vm start ${quoted(name)}`;
    const done = seen.before ? `redefined ${name}` : `defined ${name}; ${start}`;
    return changeResult(context, result, done, { domain: name, uuid });
  },
});

/** Live-only data of a running domain, which libvirt drops. */
function liveRemark({ id, name }: ReturnType<typeof parseDomain>): readonly string[] {
  return id === undefined
    ? []
    : [`this is the XML of ${name} while it runs; kvmnet vm xml ${quoted(name)} --inactive prints its definition`];
}
