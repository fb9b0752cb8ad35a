/** Whether a document is an entry of the journal, with nothing in it that no plan has. */
import { isExpectation } from '../../plan/actions/expectations.ts';
import type { FieldType } from '../../plan/actions/row.ts';
import { isCall, rowOf } from '../../plan/actions/rows.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The commands of ip(8) that plans have: none of them runs another program. */
const ipCommands = /^(link (set|add|delete)|address (add|change|delete)|route (replace|delete)|netns (add|delete))$/;

const entry: Readonly<Record<string, FieldType>> = {
  process: 'object',
  user: 'string',
  uri: 'string',
  command: 'string',
  inputs: 'list',
  title: 'string',
  steps: 'list',
};

/** Returns why a document is not an entry; undefined if it is one. */
export function shapeFault(value: unknown): string | undefined {
  if (!isObject(value)) return 'it is not a JSON object';
  if (value.version !== 1) return `it has the version ${JSON.stringify(value.version)}: another kvmnet wrote it`;
  const fault = fieldFault('', value, entry) ?? fieldFault('process.', value.process, processFields);
  if (fault !== undefined) return fault;
  if (value.confirm !== undefined && fieldFault('confirm.', value.confirm, pendingFields) !== undefined) {
    return 'its confirm is damaged';
  }
  if (value.subjects !== undefined && !isListOfTexts(value.subjects)) return 'its subjects are damaged';
  return stepsFault(value.steps);
}

/** Returns why a document is not a list of steps; undefined if it is one. */
export function stepsFault(value: unknown): string | undefined {
  return first(value, stepFault);
}

const processFields = { pid: 'number', started: 'string', boot: 'string' } as const;
const pendingFields = { within: 'number', deadline: 'number', until: 'string' } as const;

function stepFault(step: unknown, index: number): string | undefined {
  const at = `steps[${String(index)}].`;
  const fault = fieldFault(at, step, { title: 'string', do: 'object', undo: 'list', verify: 'object' });
  if (fault !== undefined || !isObject(step)) return fault;
  if (!isObject(step.verify) || !isExpectation(step.verify.expect)) {
    return `${at}verify is of no known kind`;
  }
  return actionFault(`${at}do`, step.do) ?? first(step.undo, (action) => actionFault(`${at}undo`, action));
}

function actionFault(at: string, action: unknown): string | undefined {
  if (!isObject(action)) return `${at} is not an action`;
  const { call } = action;
  if (!isCall(call)) return `${at} is an action of no known kind`;
  const fault = fieldFault(`${at}.`, action, rowOf({ call }).fields);
  if (fault !== undefined || action.call !== 'hostLinks') return fault;
  return first(action.commands, (command) =>
    isIpCommand(command) ? undefined : `${at} has a command that no plan has`,
  );
}

function isIpCommand(command: unknown): boolean {
  return isListOfTexts(command) && ipCommands.test(command.slice(0, 2).join(' '));
}

function isListOfTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function fieldFault(at: string, value: unknown, fields: Readonly<Record<string, FieldType>>): string | undefined {
  if (!isObject(value)) return `${at.slice(0, -1)} is missing`;
  const [wrong] = Object.entries(fields).find(([name, type]) => !isOf(type, value[name])) ?? [];
  return wrong === undefined ? undefined : `${at}${wrong} is missing or of the wrong type`;
}

function isOf(type: FieldType, value: unknown): boolean {
  switch (type) {
    case 'any':
      return value !== undefined;
    case 'list':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    case 'string':
    case 'boolean':
    case 'number':
      return typeof value === type;
  }
}

function first(list: unknown, fault: (item: unknown, index: number) => string | undefined): string | undefined {
  if (!Array.isArray(list)) return 'a list is missing';
  for (const [index, item] of list.entries()) {
    const found = fault(item, index);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
