/**
 * kvmnet as a library: connections to libvirt, its XML as typed models, the state of a host, its topology, plans and their application.
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
export type * from './records/nat.ts';
export type * from './state/state.ts';
export { findDomain } from './state/find-domain.ts';
export { findNic, nicsOf, sourceOf, type Nic } from './state/nics.ts';
export type { SavedState } from './state/saved.ts';
export { observeSaved } from './observe/saved.ts';
export { observeHealth, type HealthDetail } from './observe/health.ts';
export { networkProblems, type HealthFacts, type NetworkProblem } from './state/health.ts';
export { observe, type ObserveOptions } from './observe/observe.ts';
export { observeHostFirst, type HostAccess, type HostFirst } from './observe/host-first.ts';
export { observePortHealth, observeHealthSummary, observeFullHealth, type Examined } from './observe/examine.ts';
export { observeAddresses, waitForAddresses, type AddressOf } from './observe/addresses.ts';
export type { Reader } from './observe/reader.ts';
export { observeConfigFiles, observeHostConfig, type HostConfig } from './observe/host-config.ts';
export { observePersistFacts } from './observe/persist-files.ts';
export { observeAccess } from './observe/access.ts';
export { readTemplate, templateNames } from './observe/templates.ts';

export type { Action, DeviceChange, Expectation, NicExpectation, Plan, Step } from './plan/step.ts';
export { checkNetwork } from './plan/network/check/network.ts';
export { refuse, type Finding } from './plan/finding.ts';
export { findNetwork } from './state/find-network.ts';
export { networkFromOptions, type NetworkRequest } from './plan/network/from-options.ts';
export type { NetworkLifecycle, NetworkOptions } from './plan/network/options.ts';
export { planNetworkCreate, planNetworkDefine } from './plan/network/create.ts';
export { cloneNetwork, type Clone, type CloneRequest } from './plan/network/clone.ts';
export { planNetworkRename, type RenameRequest } from './plan/network/rename.ts';
export { planNetworkChange, type ChangePlan, type ChangeRequest } from './plan/network/change.ts';
export { planNetworkRestart, type RestartPlan } from './plan/network/restart.ts';
export { planNetworkHeal, type HealPlan } from './plan/network/heal.ts';
export {
  planNetworkAutostart,
  planNetworkDelete,
  planNetworkStart,
  planNetworkStop,
} from './plan/network/lifecycle.ts';
export { planAttach, type AttachRequest } from './plan/nic/attach.ts';
export { planDetach, planLink, planMove, type NicChange, type NicMove } from './plan/nic/change.ts';
export { planRate } from './plan/nic/rate.ts';
export { planSync, type SyncTarget } from './plan/nic/sync.ts';
export { planAddSlots } from './plan/nic/slots.ts';
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
export { planPin, type PinPlan, type PinRequest } from './plan/reserve/pin.ts';
export { planRelease, planReserve, type ReservePlan, type ReserveRequest } from './plan/reserve/reserve.ts';
export { planUndo, type DonePlan } from './plan/undo.ts';

export { planBridgeCreate, type BridgeOptions } from './plan/host/bridge.ts';
export { planBridgeDelete } from './plan/host/bridge-delete.ts';
export { planAddPorts, planDeletePorts } from './plan/host/bridge-ports.ts';
export { planBridgeSet } from './plan/host/bridge-set.ts';
export { planMacvlanCreate, type MacvlanOptions } from './plan/host/macvlan.ts';
export { planPortCreate, type PortOptions } from './plan/host/port.ts';
export { planVlanCreate, planVlanDelete, type VlanOptions } from './plan/host/vlan.ts';
export { planBondCreate, type BondOptions } from './plan/host/bond.ts';
export { planForwardAdd, planForwardRemove, type ForwardPlan, type WantedForward } from './plan/nat/forward.ts';
export { planNatImport, type ImportPlan } from './plan/nat/import.ts';
export { planSourceAdd, planSourceRemove, type SourcePlan, type WantedSource } from './plan/nat/source.ts';
export { parseArrival, parseTarget, type Arrival, type TypedTarget } from './values/forward.ts';
export { guarded, type ConfirmOptions, type UserAccess } from './plan/host/guard.ts';
export { formatIp, parseIp, parseRange, type Ip, type Range } from './values/address.ts';
export { parseHostAddress } from './values/host-address.ts';
export { parseLease, type LeaseTime } from './values/number.ts';
export { parseRate } from './values/rate.ts';
export { parseReservation, type Reservation } from './values/reservation.ts';
export { parseSubnet, type Subnet } from './values/subnet.ts';
export { planPersist, type PersistFacts, type PersistPlan, type PersistRequest } from './plan/persist/plan.ts';
export type { Check, Severity } from './doctor/check.ts';
export { doctorChecks } from './doctor/checks.ts';
export { examine, neededFacts, type Examination, type Finding as DoctorFinding } from './doctor/examine.ts';
export type { Facts, Readings } from './doctor/facts.ts';
export { lint } from './doctor/lint/lint.ts';
export type { LintFinding, LintSeverity } from './doctor/lint/check.ts';
export { readConfig, type Config, type ConfigFormat } from './config/config.ts';
export { withBootWarning, withPersist, type LinkFiles } from './plan/persist/links.ts';

export { apply, type ApplyOptions } from './apply/apply.ts';
export { history, type JournalEntry } from './apply/journal/journal.ts';
export { change, type ChangeOptions, type ChangeResult } from './apply/session.ts';

export { examineFlow, type Admission, type FlowReport } from './firewall/admission.ts';
export { parseIptablesSave } from './firewall/iptables.ts';
export { follow, type Journey, type Obstacle, type PacketHost } from './firewall/journey.ts';
export { parseNftRuleset } from './firewall/nftables.ts';
export type { Packet } from './firewall/packet.ts';
export { packetHost, type PacketHostFacts } from './firewall/packet-host.ts';
export { combineTables, formatPlace, type Place, type Table } from './firewall/ruleset.ts';
export { observePacketHost } from './observe/packet-host.ts';
export type { ForwardFacts, NatFacts } from './firewall/nat-facts.ts';
export { natStatuses, type NatStatus } from './firewall/nat-status.ts';
export { observeKeptNat, observeListeners, observeNat } from './observe/nat.ts';
export { observeAddressesInUse } from './observe/addresses-in-use.ts';

export { observeNeighbors } from './observe/addresses.ts';
export { readTopologyPage } from './observe/topology-page.ts';
export type { TopologyPage } from './records/topology-page.ts';
export { topologyOf, type TopologyFacts } from './topology/build.ts';
export { formatDot } from './topology/dot.ts';
export type { EdgeKind, NodeKind, Status, Topology, TopologyEdge, TopologyNode } from './topology/graph.ts';
export { formatHtml, type PageFacts } from './topology/html.ts';
export { formatMermaid } from './topology/mermaid.ts';
export { formatSvg } from './topology/svg.ts';
export { formatText, type TextOptions } from './topology/text.ts';
export type { ColorScheme } from './topology/style.ts';
export { guestComparison, isolationOf, networkComparison } from './topology/isolation.ts';
export type { Comparison, Isolation, IsolationCell, Reach } from './topology/isolation.ts';
export { findPath } from './topology/path/find-path.ts';
export type { PathFacts } from './topology/path/ground.ts';
export type { Hop, HopKind, Path, PathRequest, Verdict } from './topology/path/path.ts';
export type { PolicyRule } from './records/policy-rule.ts';
export { observePolicyRules } from './observe/packet-host.ts';

export { flowFilter, type FilterEnd } from './capture/filter.ts';
export type { Frame } from './capture/frame.ts';
export type { Row as CapturedPacket, Sighting } from './capture/rows.ts';
export { Counts as CaptureCounts, summaryText as captureSummary, type HopCount } from './capture/summary.ts';
export { startCapture, type Capture, type CaptureOptions } from './observe/capture/capture.ts';
export { captureHops, type CaptureDevice, type CaptureEnd, type CaptureHops } from './topology/capture-hops.ts';
