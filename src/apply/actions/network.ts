/** How the actions on libvirt's networks are done and undone. */
import { unlessMissing, type KvmnetError } from '../../errors.ts';
import type { Connection } from '../../libvirt/connection.ts';
import { updateCommand, updateFlags } from '../../plan/network/section.ts';
import type { Expectation, NetworkAction, NetworkUpdate } from '../../plan/step.ts';
import { parseNetwork } from '../../xml/network.ts';
import { readMetadata } from '../verify/metadata.ts';
import { covers } from './covers.ts';
import { lifecycle, theNetwork, type ActionRows, type Read } from './row.ts';

export const networkActions: ActionRows<NetworkAction> = {
  networkDefine: {
    target: ofDefinition,
    // That it is defined is not enough: it must have the definition that it had.
    undone: ({ xml }, verify) =>
      'network' in verify && verify.network !== undefined
        ? { expect: 'definition', network: verify.network, config: xml }
        : undefined,
    isWritten,
  },
  networkCreate: { target: ofDefinition, patience: untilDnsmasqEnds, isWritten },
  networkUndefine: { target: theNetwork },
  networkUndefineKeepingLeases: { target: ofDefinition },
  networkStart: { target: theNetwork, idleBy: lifecycle, patience: untilDnsmasqEnds },
  networkDestroy: { target: theNetwork, idleBy: lifecycle },
  networkSetAutostart: { target: theNetwork },
  networkUpdate: {
    target: theNetwork,
    // It validates an update on both definitions before it changes either, and what fails after that has other codes.
    refusedBy: [
      'VIR_ERR_OPERATION_INVALID',
      'VIR_ERR_OPERATION_UNSUPPORTED',
      'VIR_ERR_NO_SUPPORT',
      'VIR_ERR_CONFIG_UNSUPPORTED',
      'VIR_ERR_INVALID_ARG',
      'VIR_ERR_XML_ERROR',
      'VIR_ERR_INVALID_MAC',
    ],
    undone: (action, verify) => (verify.expect === 'section' ? undefined : sectionOf(action)),
  },
  networkPortCreate: { target: thePorts },
  networkPortDelete: { target: thePorts },
  networkSetMetadata: {
    target: theNetwork,
    isRestored: async (connection, { value = '', ...place }) =>
      (await readMetadata(connection, place)).every((found) => (found.value ?? '') === value),
  },
};

function thePorts({ network }: { readonly network: string }): Read {
  return (connection) => unlessMissing(connection.call('listNetworkPorts', { network }));
}

function ofDefinition({ xml }: { readonly xml: string }): Read {
  const { name, uuid } = parseNetwork(xml);
  return theNetwork({ network: uuid ?? name });
}

/** libvirt stops a network without waiting for its dnsmasq, which holds the addresses until it has ended. */
function untilDnsmasqEnds({ message }: KvmnetError): number {
  return message.includes('dnsmasq') ? 1_000 : 0;
}

function sectionOf({ network, section, parentIndex, xml, command, flags }: NetworkUpdate): Expectation {
  const isLive = flags === 0 || (flags & updateFlags.live) !== 0;
  return {
    expect: 'section',
    network,
    section,
    parentIndex: Math.max(0, parentIndex),
    xml,
    present: command !== updateCommand.delete,
    live: isLive,
    config: (flags & updateFlags.config) !== 0,
  };
}

async function isWritten(connection: Connection, action: { readonly xml: string }, network: string): Promise<boolean> {
  const { inactiveXml, xml } = await connection.call('getNetwork', { network });
  return covers(parseNetwork(inactiveXml ?? xml), parseNetwork(action.xml));
}
