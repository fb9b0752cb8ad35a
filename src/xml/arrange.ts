/** Arranges changed children among the unchanged ones, in their places and in order. */
import type { XmlElement, XmlNode } from './tree.ts';

/** The old and new elements of one property. */
export interface Placement {
  /** The place of the property in its table. */
  readonly rank: number;
  /** The elements that it had, in the order of the document. */
  readonly slots: readonly XmlElement[];
  /** The elements that it shall have, each with the slot that it was read from, if it was. */
  readonly items: readonly { readonly element: XmlElement; readonly origin: XmlElement | undefined }[];
}

/**
 * Returns the children of an element after a change. Nodes of no property (unknown elements, comments, text) keep their place; an
 * element that was read keeps its place too; a new one comes after its neighbor in the list, or where the table has it.
 */
export function arrange(children: readonly XmlNode[], placements: readonly Placement[]): readonly XmlNode[] {
  const replaced = new Map<XmlNode, readonly XmlNode[]>();
  const ranks = new Map<XmlNode, number>();
  const loose: { readonly rank: number; readonly elements: readonly XmlElement[] }[] = [];
  for (const placement of placements) {
    const groups = group(placement);
    for (const { element } of placement.items) ranks.set(element, placement.rank);
    for (const slot of placement.slots) replaced.set(slot, groups.get(slot) ?? []);
    const homeless = groups.get(undefined) ?? [];
    if (homeless.length > 0) loose.push({ rank: placement.rank, elements: homeless });
  }
  let result: readonly XmlNode[] = children.flatMap((child) => replaced.get(child) ?? [child]);
  for (const { rank, elements } of loose) {
    const at = whereTo(result, rank, (node) => ranks.get(node));
    result = [...result.slice(0, at), ...elements, ...result.slice(at)];
  }
  return result;
}

/** The new elements at each slot; under `undefined` those without a slot next to them. */
function group({ slots, items }: Placement): ReadonlyMap<XmlElement | undefined, readonly XmlElement[]> {
  const chosen = chooseSlots(slots, items);
  const groups = new Map<XmlElement | undefined, XmlElement[]>();
  // Items before the first one that has a slot go in front of it; any other goes behind the one before it.
  let current = chosen.find((slot) => slot !== undefined);
  items.forEach(({ element }, index) => {
    current = chosen[index] ?? current;
    const list = groups.get(current);
    if (list === undefined) groups.set(current, [element]);
    else list.push(element);
  });
  return groups;
}

function chooseSlots(slots: readonly XmlElement[], items: Placement['items']): readonly (XmlElement | undefined)[] {
  const index = new Map(slots.map((slot, position) => [slot, position]));
  const taken = new Set<number>();
  const positions = items.map(({ origin }) => {
    const position = origin === undefined ? undefined : index.get(origin);
    if (position === undefined || taken.has(position)) return undefined;
    taken.add(position);
    return position;
  });
  const known = positions.filter((position) => position !== undefined);
  // In another order than before: the elements take the places one after the other.
  if (known.some((position, at) => position < (known[at - 1] ?? -1))) return items.map((_, at) => slots[at]);
  fillGaps(positions, slots.length);
  return positions.map((position) => (position === undefined ? undefined : slots[position]));
}

/** A new item takes the place of a removed one between its neighbors. */
function fillGaps(positions: (number | undefined)[], slots: number): void {
  let previous = -1;
  const nextKnown = new Array<number>(positions.length);
  for (let at = positions.length - 1, next = slots; at >= 0; at -= 1) {
    next = positions[at] ?? next;
    nextKnown[at] = next;
  }
  positions.forEach((position, at) => {
    if (position !== undefined) previous = position;
    else if (previous + 1 < (nextKnown[at] ?? slots)) positions[at] = previous += 1;
  });
}

/** Behind the last one that comes earlier in the table, else before the first that comes later, else at the end. */
export function whereTo<T>(list: readonly T[], rank: number, rankOf: (entry: T) => number | undefined): number {
  const behind = list.findLastIndex((entry) => (rankOf(entry) ?? Infinity) <= rank);
  if (behind !== -1) return behind + 1;
  const before = list.findIndex((entry) => (rankOf(entry) ?? -1) > rank);
  return before === -1 ? list.length : before;
}
