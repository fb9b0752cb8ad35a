/** The subjects of steps: two changes without a common subject do not conflict. */
import type { Step } from './step.ts';

/** The UUIDs of the networks and domains, and the links and files, that a step is about. */
export function subjectsOf({ verify }: Step): string[] {
  if (verify.expect === 'links') return Object.keys(verify.links).map((name) => `link ${name}`);
  if (verify.expect === 'linkVlans') return [`link ${verify.link}`];
  if (verify.expect === 'file') return [verify.path];
  return ['network', 'domain'].flatMap((key) =>
    Object.entries(verify).flatMap(([name, value]) => (name === key && typeof value === 'string' ? [value] : [])),
  );
}
