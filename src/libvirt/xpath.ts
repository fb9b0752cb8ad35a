/** Selects nodes of libvirt's XML by XPath 1.0, with the engine that libvirt itself has: what is printed is what virsh prints. */
import koffi from 'koffi';
import { KvmnetError } from '../errors.ts';
import { libvirt, type Pointer } from './ffi/library.ts';
import * as x from './ffi/xml.ts';
import { decode, decodePointers } from './native.ts';

const XML_PARSE_NOBLANKS = 256;
const XML_PARSE_NONET = 2048;
const XPATH_NODESET = 1;

const objectStruct = koffi.struct('xmlXPathObject', { type: 'int', nodes: 'void *' });
const nodeSetStruct = koffi.struct('xmlNodeSet', { count: 'int', room: 'int', nodes: 'void *' });

/**
 * The nodes that an expression selects, each as libxml2 prints it; with `wrap` all as the children of one `<nodes>`. The expression
 * starts at the root element, so `ip` is every `<ip>` of a network.
 * Throws INPUT for an expression that is none, or that selects no nodes but a number, a text or a truth value.
 */
export function getXmlNodes(
  _connection: Pointer,
  { xml, xpath, wrap }: { readonly xml: string; readonly xpath: string; readonly wrap: boolean },
): string[] | undefined {
  // Without a handler libxml2 prints mistakes on stderr: virResetError(NULL) is a native function that does nothing.
  x.xmlSetStructuredErrorFunc(null, libvirt().symbol('virResetError') as Pointer);
  const options = XML_PARSE_NONET | XML_PARSE_NOBLANKS;
  return owning(x.xmlReadMemory(xml, Buffer.byteLength(xml), 'libvirt', null, options), x.xmlFreeDoc, (document) =>
    owning(x.xmlXPathNewContext(document), x.xmlXPathFreeContext, (context) => {
      x.xmlXPathSetContextNode(x.xmlDocGetRootElement(document), context);
      const object = x.xmlXPathEval(xpath, context);
      if (object === null) throw notXpath(xpath, 'is not an XPath expression');
      return owning(object, x.xmlXPathFreeObject, () => {
        const nodes = nodesOf(object);
        if (!nodes) return undefined;
        return wrap ? [wrapped(document, nodes)] : nodes.map((node) => dump(document, node));
      });
    }),
  );
}

function nodesOf(object: Pointer): Pointer[] | undefined {
  const { type, nodes } = decode<{ type: number; nodes: Pointer }>(object, objectStruct);
  if (type !== XPATH_NODESET) return undefined;
  if (nodes === null) return [];
  const set = decode<{ count: number; nodes: Pointer }>(nodes, nodeSetStruct);
  return decodePointers(set.nodes, set.count);
}

function wrapped(document: Pointer, nodes: readonly Pointer[]): string {
  return owning(x.xmlNewDoc('1.0'), x.xmlFreeDoc, (made) => {
    const root = x.xmlNewNode(null, 'nodes');
    x.xmlDocSetRootElement(made, root);
    for (const node of nodes) x.xmlAddChild(root, x.xmlDocCopyNode(node, made, 1));
    return dump(document, root);
  });
}

function dump(document: Pointer, node: Pointer): string {
  return owning(x.xmlBufferCreate(), x.xmlBufferFree, (buffer) => {
    x.xmlNodeDump(buffer, document, node, 0, 1);
    return x.xmlBufferContent(buffer) ?? '';
  });
}

function owning<T>(pointer: Pointer, free: (pointer: Pointer) => void, use: (pointer: Pointer) => T): T {
  if (pointer === null) throw new KvmnetError('BACKEND', 'libxml2 cannot read the XML');
  try {
    return use(pointer);
  } finally {
    free(pointer);
  }
}

function notXpath(xpath: string, what: string): KvmnetError {
  return new KvmnetError('INPUT', `${JSON.stringify(xpath)} ${what}`, {
    hint: "for example --xpath '//ip', or '//host/@mac'",
  });
}
