/** Facts about a host that its configuration files depend on. */

/** Services that bring devices up: NetworkManager, systemd-networkd, ifupdown's networking.service, network.service of network-scripts, and SUSE's wicked. */
export type Manager = 'NetworkManager' | 'systemd-networkd' | 'networking' | 'network' | 'wicked';

export interface ConfigFacts {
  /** Started at boot; there, but not started; or not there. */
  readonly managers: Readonly<Record<Manager, 'enabled' | 'disabled' | 'absent'>>;
  readonly hasBrctl: boolean;
  /** A program reads ifupdown's bridge_ports: bridge-utils' hook, ifupdown2 or ifupdown-ng. */
  readonly ifupdownMakesBridges: boolean;
  /** network-scripts of the days before initscripts 10 call brctl, and do nothing for a bridge without it. */
  readonly scriptsCallBrctl: boolean;
  /** The links that the host has now; undefined where they cannot be seen. */
  readonly links?: readonly string[];
}
