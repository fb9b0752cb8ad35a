/** The parts that all pages with a topology have in common: the files of templates/topology. */
export interface TopologyPage {
  readonly document: string;
  readonly style: string;
  readonly darkStyle: string;
  readonly script: string;
  /** By which the Content Security Policy of the page allows the script: `sha256-…`. */
  readonly scriptHash: string;
}
