/**
 * kvmnet as a library: connections to libvirt, its XML as typed models, the state of a host, plans and their application.
 * docs/architecture.md explains how the parts fit together.
 */
export { errorCodes, KvmnetError, type ErrorCode, type ErrorContext } from './errors.ts';

export { connect, type Connection, type ConnectOptions } from './libvirt/connection.ts';
export { isLibvirtError, LibvirtError, virErrors, type VirError } from './libvirt/error.ts';
export type { ProcedureArguments, ProcedureName, ProcedureResult } from './libvirt/procedures.ts';
export type * from './libvirt/records.ts';

export { parseDomain, type Domain, type DomainInput } from './xml/domain.ts';
export { parseInterface, type Interface, type InterfaceInput } from './xml/interface.ts';
export { parseNetwork, type Network, type NetworkInput } from './xml/network.ts';
export { buildDomain, buildInterface, buildNetwork } from './xml/build.ts';
export { differences, sameNetwork, type Difference } from './xml/meaning.ts';

export type * from './records/lease.ts';
export type * from './records/link.ts';
export type * from './state/state.ts';
export { findDomain } from './state/find-domain.ts';
export { findNic, nicsOf, sourceOf, type Nic } from './state/nics.ts';
export type { SavedState } from './state/saved.ts';
export { observeSaved } from './observe/saved.ts';
export { observe, type ObserveOptions } from './observe/observe.ts';
export { observeHostFirst, type HostAccess, type HostFirst } from './observe/host-first.ts';
export { examinePorts, examineQuickly, examineWholly, type Examined } from './observe/examine.ts';
export { lookUpAddresses, waitForAddresses, type AddressOf } from './observe/addresses.ts';
export type { Reader } from './observe/reader.ts';
export { observePersistFacts } from './observe/persist-files.ts';
export { observeAccess } from './observe/access.ts';
export { readTemplate, templateNames } from './observe/templates.ts';

export type { Action, DeviceChange, Expectation, NicExpectation, Plan, Step } from './plan/step.ts';
export { checkNetwork } from './plan/network/check/network.ts';
export { refuse, type Finding } from './plan/finding.ts';
export { findNetwork } from './state/find-network.ts';
export { networkFromOptions, type NetworkRequest } from './plan/network/from-options.ts';
export type { NetworkLife, NetworkOptions } from './plan/network/options.ts';
export { planNetworkCreate, planNetworkDefine } from './plan/network/create.ts';
export { cloneNetwork, type Clone, type CloneRequest } from './plan/network/clone.ts';
export { planNetworkRename, type RenameRequest } from './plan/network/rename.ts';
export {
  planNetworkAutostart,
  planNetworkDelete,
  planNetworkStart,
  planNetworkStop,
} from './plan/network/lifecycle.ts';
export { planAttach, type AttachRequest } from './plan/nic/attach.ts';
export { planDetach, planLink, planMove } from './plan/nic/change.ts';
export { findSource, type NicSource } from './plan/nic/source.ts';
export { planDomainStart, planDomainStop } from './plan/domain/lifecycle.ts';
export {
  planDomainAutostart,
  planDomainDelete,
  planDomainReboot,
  planDomainResume,
  planDomainSuspend,
} from './plan/domain/changes.ts';
export { planDomainDefine } from './plan/domain/define.ts';

export { planBridgeCreate, type BridgeOptions } from './plan/host/bridge.ts';
export { planVlanCreate, planVlanDelete, type VlanOptions } from './plan/host/vlan.ts';
export { planBondCreate, type BondOptions } from './plan/host/bond.ts';
export { guarded, type ConfirmOptions, type UserAccess } from './plan/host/guard.ts';
export { parseHostAddress } from './values/host-address.ts';
export { planPersist, type PersistFacts, type PersistPlan, type PersistRequest } from './plan/persist/plan.ts';
export { withBootWarning, withPersist, type LinkFiles } from './plan/persist/links.ts';

export { apply, type ApplyOptions } from './apply/apply.ts';
export { change, type ChangeOptions, type ChangeResult } from './apply/session.ts';
