/** Actions that libvirt has no call for: root carries them out on the host itself. */
import type { Action, HostAction, Step } from './step.ts';

/** True for an action of the host itself, false for a call of libvirt. */
export function isHostAction(action: Action): action is HostAction {
  return action.call.startsWith('host');
}

/** True where steps, or the ways back from them, have an action of the host itself. */
export function hasHostAction(steps: readonly Step[]): boolean {
  return steps.some((step) => [step.do, ...step.undo].some(isHostAction));
}

/** True where steps have the text of a file of the host, which may hold keys and passwords. */
export function hasFileText(steps: readonly Step[]): boolean {
  return steps.some((step) => [step.do, ...step.undo].some(({ call }) => call === 'hostWriteFile'));
}
