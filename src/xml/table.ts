/**
 * The property table of a document: one row for each property. Reading, writing and the TypeScript type of the model all
 * follow from it, so they cannot disagree.
 *
 * The order of the lines is the order in which libvirt writes the elements; a new element is inserted in that order.
 */

/** A value as written in an attribute or between two tags. */
export type Scalar = string | number | boolean;

/** How a value is spelt in XML. `T` is what it is in TypeScript. */
export interface Kind<T extends Scalar = Scalar> {
  readonly spelling: 'text' | 'prose' | 'integer' | 'digits' | 'yes/no' | 'on/off';
  /** Never set: it carries the type. */
  readonly type?: T;
}

/** Any text, taken exactly as it stands: `007`, `1e3` and `true` are text. */
export const text: Kind<string> = { spelling: 'text' };
/** Text in which line breaks and tabs have their place. */
export const prose: Kind<string> = { spelling: 'prose' };
/** An integer that libvirt keeps in 32 bits: always a number. */
export const integer: Kind<number> = { spelling: 'integer' };
/** An integer that libvirt keeps in 64 bits: a number, or its digits as text where a number would lose some. */
export const digits: Kind<number | string> = { spelling: 'digits' };
/** `yes` or `no`. */
export const yesNo: Kind<boolean> = { spelling: 'yes/no' };
/** `on` or `off`. */
export const onOff: Kind<boolean> = { spelling: 'on/off' };

/** Text with values that are known; another one is passed on, since a newer libvirt may have more. */
export function word<const T extends string>(..._known: readonly T[]): Kind<T | (string & {})> {
  return text;
}

/** The properties of one element: key in the model -> where it is in the XML. */
export type Fields = Readonly<Record<string, Field>>;

/** Where one property is in the XML. `name` is the attribute or element name, where it is not the key itself. */
export type Field =
  | ScalarField
  | { readonly form: 'leaves'; readonly name: string; readonly kind: Kind; readonly required: true }
  | { readonly form: 'flag'; readonly name?: string; readonly required: false }
  | { readonly form: 'verbatim'; readonly name?: string; readonly required: false }
  | ChildField
  | ChildrenField;

export interface ScalarField<T extends Scalar = Scalar, R extends boolean = boolean> {
  /** `attribute='value'`, `<leaf>value</leaf>`, or the text of the element itself. */
  readonly form: 'attribute' | 'leaf' | 'content';
  readonly name?: string;
  readonly kind: Kind<T>;
  readonly required: R;
}

export interface ChildField<F extends Fields = Fields> {
  readonly form: 'child';
  readonly name?: string;
  readonly fields: F;
  readonly namespace?: Namespace;
  readonly required: false;
}

export interface ChildrenField<F extends Fields = Fields> {
  readonly form: 'children';
  readonly name: string;
  readonly fields: F;
  readonly namespace?: Namespace;
  readonly required: true;
}

/** An XML namespace, and the prefix that libvirt gives it. */
export interface Namespace {
  readonly prefix: string;
  readonly uri: string;
}

/** `name='…'` */
export function attribute<T extends Scalar>(kind: Kind<T>, name?: string): ScalarField<T, false> {
  return { form: 'attribute', kind, required: false, ...(name === undefined ? {} : { name }) };
}

/** `<name>…</name>` */
export function leaf<T extends Scalar>(kind: Kind<T>): ScalarField<T, false> {
  return { form: 'leaf', kind, required: false };
}

/** The text of the element itself, in addition to its attributes. */
export function content<T extends Scalar>(kind: Kind<T>): ScalarField<T, false> {
  return { form: 'content', kind, required: false };
}

/** A property without which libvirt refuses the document. */
export function required<T extends Scalar>(field: ScalarField<T, false>): ScalarField<T, true> {
  return { ...field, required: true };
}

/** `<name>…</name>`, any number of them. */
export function leaves<T extends Scalar>(name: string, kind: Kind<T>) {
  return { form: 'leaves', name, kind, required: true } as const;
}

/** `<name/>`: true where it stands; its attributes, if it has any, are left alone. */
export function flag() {
  return { form: 'flag', required: false } as const;
}

/** `<name>…</name>` with XML of others inside: the text between the two tags, exactly as it stands. */
export function verbatim() {
  return { form: 'verbatim', required: false } as const;
}

/** One element with properties of its own. */
export function child<F extends Fields>(fields: F, name?: string, namespace?: Namespace): ChildField<F> {
  return {
    form: 'child',
    fields,
    required: false,
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
  };
}

/** Any number of elements with properties of their own. */
export function children<F extends Fields>(name: string, fields: F, namespace?: Namespace): ChildrenField<F> {
  return { form: 'children', name, fields, required: true, ...(namespace === undefined ? {} : { namespace }) };
}

/** A whole document: the name of its root element, and its properties. */
export interface Document<F extends Fields = Fields> {
  readonly root: string;
  readonly fields: F;
}

export function document<F extends Fields>(root: string, fields: F): Document<F> {
  return { root, fields };
}

/** A parsed model: lists are always present, maybe empty; everything else that is absent is undefined. */
export type Model<D extends Document> = FieldsModel<D['fields']>;

/** A model to build XML from: a parsed one, or one made by hand, which may omit lists too. */
export type Input<D extends Document> = FieldsInput<D['fields']>;

type FieldsModel<F extends Fields> = Simplify<
  { readonly [K in keyof F as F[K]['required'] extends true ? K : never]: Value<F[K]> } & {
    readonly [K in keyof F as F[K]['required'] extends true ? never : K]?: Value<F[K]> | undefined;
  }
>;

type Value<F extends Field> = F extends { readonly form: 'flag' }
  ? boolean
  : F extends { readonly form: 'verbatim' }
    ? string
    : F extends { readonly form: 'leaves'; readonly kind: Kind<infer T> }
      ? readonly T[]
      : F extends ChildrenField<infer G>
        ? readonly FieldsModel<G>[]
        : F extends ChildField<infer G>
          ? FieldsModel<G>
          : F extends ScalarField<infer T>
            ? T
            : never;

type FieldsInput<F extends Fields> = Simplify<
  { readonly [K in keyof F as MustBeGiven<F[K]> extends true ? K : never]: InputValue<F[K]> } & {
    readonly [K in keyof F as MustBeGiven<F[K]> extends true ? never : K]?: InputValue<F[K]> | undefined;
  }
>;

type MustBeGiven<F extends Field> = F extends ScalarField<infer _T, true> ? true : false;

type InputValue<F extends Field> =
  F extends ChildrenField<infer G>
    ? readonly FieldsInput<G>[]
    : F extends ChildField<infer G>
      ? FieldsInput<G>
      : Value<F>;

type Simplify<T> = { [K in keyof T]: T[K] };
