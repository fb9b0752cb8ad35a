/**
 * libxml2's XPath. libvirt.so.0 is linked with libxml2, and a symbol is looked for in a library's own libraries too: what virsh
 * selects nodes and prints them with is here wherever libvirt is. Source: libxml2's tree.h and xpath.h
 */
import { declare, type Pointer } from './ffi.ts';

export const xmlSetStructuredErrorFunc = declare<(context: null, handler: Pointer) => void>(
  'void xmlSetStructuredErrorFunc(void *context, void *handler)',
);
export const xmlReadMemory = declare<
  (text: string, size: number, url: string, encoding: null, options: number) => Pointer
>('void *xmlReadMemory(const char *text, int size, const char *url, const char *encoding, int options)');
export const xmlDocGetRootElement = declare<(document: Pointer) => Pointer>(
  'void *xmlDocGetRootElement(void *document)',
);
export const xmlFreeDoc = declare<(document: Pointer) => void>('void xmlFreeDoc(void *document)');
export const xmlXPathNewContext = declare<(document: Pointer) => Pointer>('void *xmlXPathNewContext(void *document)');
export const xmlXPathSetContextNode = declare<(node: Pointer, context: Pointer) => number>(
  'int xmlXPathSetContextNode(void *node, void *context)',
);
export const xmlXPathEval = declare<(expression: string, context: Pointer) => Pointer>(
  'void *xmlXPathEval(const char *expression, void *context)',
);
export const xmlXPathFreeObject = declare<(object: Pointer) => void>('void xmlXPathFreeObject(void *object)');
export const xmlXPathFreeContext = declare<(context: Pointer) => void>('void xmlXPathFreeContext(void *context)');
export const xmlNewDoc = declare<(version: string) => Pointer>('void *xmlNewDoc(const char *version)');
export const xmlNewNode = declare<(namespace: null, name: string) => Pointer>(
  'void *xmlNewNode(void *namespace, const char *name)',
);
export const xmlDocSetRootElement = declare<(document: Pointer, root: Pointer) => Pointer>(
  'void *xmlDocSetRootElement(void *document, void *root)',
);
export const xmlDocCopyNode = declare<(node: Pointer, document: Pointer, deep: number) => Pointer>(
  'void *xmlDocCopyNode(void *node, void *document, int deep)',
);
export const xmlAddChild = declare<(parent: Pointer, child: Pointer) => Pointer>(
  'void *xmlAddChild(void *parent, void *child)',
);
export const xmlBufferCreate = declare<() => Pointer>('void *xmlBufferCreate()');
export const xmlNodeDump = declare<
  (buffer: Pointer, document: Pointer, node: Pointer, level: number, format: number) => number
>('int xmlNodeDump(void *buffer, void *document, void *node, int level, int format)');
export const xmlBufferContent = declare<(buffer: Pointer) => string | null>(
  'const char *xmlBufferContent(void *buffer)',
);
export const xmlBufferFree = declare<(buffer: Pointer) => void>('void xmlBufferFree(void *buffer)');
