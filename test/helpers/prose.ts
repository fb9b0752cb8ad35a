/** Finds the prose of a file: text that people read, with everything that is code or quoted output left out. */
import ts from 'typescript';

/** A piece of prose, and the line of the file (from 1) that it starts on. */
export interface Prose {
  readonly line: number;
  readonly text: string;
}

/** Text of the same length and the same lines, all blank. */
const blank = (text: string): string => text.replaceAll(/[^\n]/g, ' ');

/** Returns text without what is quoted as code: fenced blocks, `code`, targets of links, addresses of web pages. */
function withoutCode(text: string): string {
  return text
    .replaceAll(/^```[^]*?^```/gm, blank)
    .replaceAll(/`[^`]*`/g, blank)
    .replaceAll(/\]\([^)\n]*\)/g, blank)
    .replaceAll(/\bhttps?:\S+/g, blank);
}

const lineAt = (text: string, position: number): number => text.slice(0, position).split('\n').length;

function matches(text: string, pattern: RegExp): readonly Prose[] {
  return [...text.matchAll(pattern)].map((match) => ({ line: lineAt(text, match.index), text: match[0] }));
}

/** Removes the asterisks and slashes at the left of a comment's lines. */
const bare = ({ line, text }: Prose): Prose => ({
  line,
  text: withoutCode(text.replaceAll(/^\s*(?:\*|\/\/+|#)/gm, blank)),
});

/** The text of a string or template; what a template fills in is an ellipsis. */
function literalText(node: ts.Node): string | undefined {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('');
}

const testFunctions = new Set(['describe', 'it', 'test', 'onPrivateHost']);

/** The function that `it(…)`, `it.each(…)(…)` and `describe(…)` begin with. */
function calledName(node: ts.Expression): string | undefined {
  if (ts.isIdentifier(node)) return node.text;
  if (ts.isPropertyAccessExpression(node) || ts.isCallExpression(node)) return calledName(node.expression);
  return undefined;
}

function collect(file: ts.SourceFile, visit: (node: ts.Node) => string | undefined): readonly Prose[] {
  const found: Prose[] = [];
  const walk = (node: ts.Node): void => {
    const text = visit(node);
    if (text !== undefined) found.push({ line: lineAt(file.text, node.getStart(file)), text });
    ts.forEachChild(node, walk);
  };
  walk(file);
  return found;
}

const parse = (text: string): ts.SourceFile => ts.createSourceFile('file.ts', text, ts.ScriptTarget.Latest);

/** Returns the comments of a TypeScript file. */
function comments(file: ts.SourceFile): readonly Prose[] {
  let text = file.text;
  collect(file, (node) => {
    const isText = ts.isStringLiteral(node) || ts.isRegularExpressionLiteral(node) || ts.isTemplateExpression(node);
    if (isText || ts.isNoSubstitutionTemplateLiteral(node)) {
      const [start, end] = [node.getStart(file), node.getEnd()];
      text = text.slice(0, start) + blank(text.slice(start, end)) + text.slice(end);
    }
    return undefined;
  });
  return matches(text, /\/\*[^]*?\*\/|(?:\/\/.*(?:\n\s*(?=\/\/))?)+/g).map(bare);
}

/** Returns the comments of a TypeScript file, and its strings of several words. */
export function proseOfSource(text: string): readonly Prose[] {
  const file = parse(text);
  const strings = collect(file, literalText).map(({ line, text: words }) => ({ line, text: withoutCode(words) }));
  return [...comments(file), ...strings.filter(({ text: words }) => /\S\s|\s\S/.test(words))];
}

/** Returns the comments alone of a TypeScript file whose strings are another program's words. */
export const commentsOfSource = (text: string): readonly Prose[] => comments(parse(text));

/** Returns the names of a test file's suites and tests. */
export function testNames(text: string): readonly Prose[] {
  return collect(parse(text), (node) => {
    if (!ts.isCallExpression(node) || !testFunctions.has(calledName(node.expression) ?? '')) return undefined;
    const [name] = node.arguments;
    return name && literalText(name);
  });
}

/** Returns a Markdown file's prose. */
export const proseOfMarkdown = (text: string): readonly Prose[] => [{ line: 1, text: withoutCode(text) }];

/** Returns the comments of an XML file or a script. */
export const proseOfTemplate = (text: string): readonly Prose[] =>
  matches(text, /<!--[^]*?-->|(?:^#.*(?:\n(?=#))?)+/gm).map(bare);
