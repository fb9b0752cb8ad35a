/** virsh's commands that define domains: plans with journal and undo, and virsh's output. */
import { KvmnetError, unlessMissing } from '../../../errors.ts';
import { planDomainDefine, uuidOf } from '../../../plan/domain/define.ts';
import { parseDomain } from '../../../xml/domain.ts';
import { readDocument } from '../../terminal/input-file.ts';
import { changeByPlan, nothingElse } from '../change.ts';
import { common, flag, type VirshCall, type VirshDefinition } from '../grammar/definition.ts';
import { editDocument } from '../edit.ts';
import { withUuid } from '../../../xml/domain-uuid.ts';
import { definitionOf, findDomainRecord } from './domain-arguments.ts';

export const define: VirshDefinition = {
  options: [common.file('a domain'), common.validate],
  examples: [['virsh define VM1.xml', 'defines a domain; start starts it']],
  async run(call) {
    const file = call.required('file');
    const xml = await readDocument(call.context, file);
    return defineDomain(call, { xml, validate: call.given('validate') }, (name) => {
      call.extra(`Domain '${name}' defined from ${file}\n`);
    });
  },
};

export const edit: VirshDefinition = {
  options: [common.domain, flag('skip-validate', "do not check the XML against libvirt's schema")],
  examples: [['virsh edit VM1', 'opens its XML in $VISUAL or $EDITOR']],
  async run(call) {
    const connection = await call.connection('change');
    const { name, uuid } = await findDomainRecord(call, connection);
    const validate = !call.given('skip-validate');
    return editDocument(call, () => connection.call('domainSecureXml', { domain: uuid }), {
      unchanged: `Domain '${name}' XML configuration not changed.\n`,
      define: (xml) =>
        defineDomain(call, { xml, validate }, (defined) => {
          call.extra(`Domain '${defined}' XML configuration edited.\n`);
        }),
    });
  },
};

interface Document {
  readonly xml: string;
  readonly validate: boolean;
}

/** Defines a domain by a plan, or by libvirt's call alone where kvmnet cannot read the XML: libvirt judges it. */
async function defineDomain(call: VirshCall, document: Document, done: (name: string) => void): Promise<unknown> {
  const { readOnly, dryRun } = call.context.options;
  const identified = await identify(document.xml);
  if (!identified || (readOnly && !dryRun)) return defineUnread(call, document, done);
  const { name, uuid, xml } = identified;
  const connection = await call.connection('change');
  return changeByPlan(
    call,
    async (state) => {
      const facts = await unlessMissing(connection.call('getDomain', { domain: uuid }));
      const existing = facts && { facts, definition: await definitionOf(call, connection, facts) };
      const plan = planDomainDefine({ xml, name, uuid, validate: document.validate }, existing, state);
      return { ...plan, warnings: [] };
    },
    () => {
      done(name);
      return { domain: name };
    },
    nothingElse,
  );
}

async function defineUnread(call: VirshCall, { xml, validate }: Document, done: (name: string) => void) {
  const connection = await call.connection('change');
  if (call.context.options.dryRun) {
    call.print(`define a domain; nothing is done with --dry-run\n${xml.trimEnd()}\n`);
    return { dryRun: true, title: 'define a domain', xml };
  }
  const name = await connection.call('domainDefine', { xml, validate });
  done(name);
  call.context.warn([
    `kvmnet cannot read the definition of ${name}: it is not in kvmnet history, and cannot be undone`,
  ]);
  return { domain: name };
}

interface Identified {
  readonly name: string;
  readonly uuid: string;
  /** With the UUID. */
  readonly xml: string;
}

/** Whose definition it is; undefined for what only libvirt can judge. */
async function identify(text: string): Promise<Identified | undefined> {
  try {
    const domain = parseDomain(text);
    const uuid = uuidOf(domain) ?? crypto.randomUUID();
    return { name: domain.name, uuid, xml: await withUuid(text, domain, uuid) };
  } catch (error) {
    if (error instanceof KvmnetError) return undefined;
    throw error;
  }
}
