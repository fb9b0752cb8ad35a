/** Output of all of virsh's dumpxml commands: the XML as libvirt returns it, or what --xpath selects of it. */
import type { Connection } from '../../libvirt/connection.ts';
import type { VirshCall } from './grammar/definition.ts';
import { VirshError } from './grammar/error.ts';

/** Prints the XML of what is called `name`, and returns what --json prints. */
export async function printXml(
  call: VirshCall,
  connection: Connection,
  name: string,
  xml: () => Promise<string>,
): Promise<unknown> {
  const xpath = call.text('xpath');
  const document = await xml();
  if (xpath === undefined) {
    call.print(document);
    return { name, xml: document };
  }
  const nodes = await connection.call('getXmlNodes', { xml: document, xpath, wrap: call.given('wrap') });
  if (!nodes) {
    const line = `internal error: Incorrect xpath '${xpath}'`;
    throw new VirshError('INPUT', `${JSON.stringify(xpath)} selects no nodes`, line, {
      hint: "for example --xpath '//ip', or '//host/@mac'",
    });
  }
  nodes.forEach((node) => {
    call.print(`${node}\n`);
  });
  return { name, nodes };
}
