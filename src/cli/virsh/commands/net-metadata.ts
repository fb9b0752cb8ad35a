/**
 * virsh's commands on a network's metadata: title, description, and elements of other programs. They need
 * libvirt 9.7.
 */
import { readMetadata } from '../../../apply/verify/metadata.ts';
import { KvmnetError, unlessMissing } from '../../../errors.ts';
import type { Connection } from '../../../libvirt/connection.ts';
import type { MetadataPlace } from '../../../plan/step.ts';
import { changeObject } from '../change.ts';
import { common, data, flag, rest, text, type VirshCall, type VirshDefinition } from '../grammar/definition.ts';
import { editDocument } from '../edit.ts';
import { findNetwork } from '../find.ts';
import { requireMetadata } from '../needs.ts';

const scopes = [common.live('network'), common.config('network'), common.current('network')];

/** The network, and which of its scopes is meant. */
async function begin(call: VirshCall, connection: Connection) {
  await requireMetadata(connection);
  const { name, uuid } = await findNetwork(call, connection);
  return { name, network: uuid, live: call.given('live'), config: call.given('config') };
}

/** Sets a piece of metadata, or removes it where it has no value. */
function setMetadata(
  call: VirshCall,
  title: string,
  place: MetadataPlace,
  wanted: { readonly value: string | undefined; readonly prefix?: string | undefined },
  done: () => unknown,
): Promise<unknown> {
  const { network, uri } = place;
  return changeObject(
    call,
    async (connection) => {
      const before = await readMetadata(connection, place);
      const prefix = wanted.prefix ?? (uri === undefined ? undefined : prefixOf(uri, await xmlOf(connection, network)));
      const { planMetadata } = await import('../../../plan/virsh/network-object.ts');
      return planMetadata(title, place, { value: wanted.value, prefix }, before);
    },
    done,
  );
}

async function xmlOf(connection: Connection, network: string): Promise<string> {
  const { xml, inactiveXml = '' } = await connection.call('getNetwork', { network });
  return `${xml}${inactiveXml}`;
}

/** The prefix of a namespace in a network's definitions: to set an element once more, libvirt wants it named. */
function prefixOf(uri: string, xml: string): string | undefined {
  return [...xml.matchAll(/xmlns:([\w.-]+)=(["'])(.*?)\2/g)].find(([, , , found]) => found === uri)?.[1];
}

function requireOneScope(call: VirshCall): void {
  call.exclusive('current', 'live');
  call.exclusive('current', 'config');
}

export const netDesc: VirshDefinition = {
  options: [
    common.network,
    ...scopes,
    flag('title', 'the title, not the description'),
    flag('edit', 'open it in $VISUAL or $EDITOR'),
    rest('new-desc', 'the new text; its words are put together'),
  ],
  description: 'Needs libvirt 9.7.',
  examples: [
    ['net-desc default', 'its description'],
    ['net-desc default --title "for the build hosts"', 'sets its title'],
  ],
  async run(call) {
    requireOneScope(call);
    const given = call.rest('new-desc').join(' ');
    const isNew = call.given('new-desc');
    const connection = await call.connection(isNew || call.given('edit') ? 'change' : 'read');
    const { name, ...where } = await begin(call, connection);
    const type = call.given('title') ? 'title' : 'description';
    const key: MetadataPlace = { ...where, type };
    const read = async (): Promise<string> => (await unlessMissing(connection.call('getNetworkMetadata', key))) ?? '';
    const write = (value: string): Promise<unknown> =>
      setMetadata(call, `set the ${type} of network ${name}`, key, { value }, () => {
        call.extra(`Network ${type} updated successfully`);
        return { network: name, [type]: value };
      });
    if (call.given('edit')) {
      return editDocument(call, read, {
        ...(isNew ? { start: given } : {}),
        unchanged: `Network ${type} not changed\n`,
        define: (edited) => write(type === 'title' ? edited.replace(/\n$/, '') : edited),
      });
    }
    if (isNew) return write(given);
    const value = await read();
    if (value === '') call.extra(`No ${type} for network: ${name}`);
    else call.print(value);
    return { network: name, [type]: value };
  },
};

export const netMetadata: VirshDefinition = {
  options: [
    common.network,
    data('uri', 'the namespace of the element'),
    ...scopes,
    flag('edit', 'open it in $VISUAL or $EDITOR'),
    text('key', 'the prefix of the namespace in the XML'),
    text('set', 'the new element'),
    flag('remove', 'remove the element'),
  ],
  description: 'Needs libvirt 9.7.',
  examples: [['net-metadata default http://example.org/owner', 'the element of that namespace']],
  async run(call) {
    requireOneScope(call);
    call.exclusive('edit', 'set');
    call.exclusive('remove', 'set');
    call.exclusive('remove', 'edit');
    const [prefix, value] = [call.text('key'), call.text('set')];
    const changes = value !== undefined || call.given('remove') || call.given('edit');
    const connection = await call.connection(changes ? 'change' : 'read');
    const { name, ...where } = await begin(call, connection);
    if (prefix === undefined && changes && !call.given('remove')) {
      throw new KvmnetError('USAGE', '--key is missing', { hint: 'it is the prefix of the namespace: --key owner' });
    }
    const key: MetadataPlace = { ...where, type: 'element', uri: call.required('uri') };
    const write = (element: string | undefined): Promise<unknown> => {
      const title = `${element === undefined ? 'remove' : 'set'} metadata of network ${name}`;
      return setMetadata(call, title, key, { value: element, prefix }, () => {
        call.extra(`Metadata ${element === undefined ? 'removed' : 'modified'}\n`);
        return { network: name, uri: key.uri, element };
      });
    };
    if (call.given('edit')) {
      const read = async (): Promise<string> =>
        (await unlessMissing(connection.call('getNetworkMetadata', key))) ?? '\n';
      return editDocument(call, read, { unchanged: 'Metadata not changed', define: write });
    }
    if (changes) return write(value);
    const element = await connection.call('getNetworkMetadata', key);
    call.print(`${element}\n`);
    return { network: name, uri: key.uri, element };
  },
};
