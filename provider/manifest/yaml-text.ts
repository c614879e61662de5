import type { Alias, Composer, CST, Document, Node, Scalar, YAMLMap } from 'yaml';
import { deepest, longestText, mostAliasedValues, mostFaults, mostLines, mostPieces, mostValues } from './limits.ts';
import type { Origin, Report } from './problem.ts';
import type { PropertyPath } from './property-path.ts';
import { shown } from './shown.ts';

type Yaml = typeof import('yaml');
/** Where something stands, and what is in it; far smaller than the parser's nodes, since it lives as long as a reading. */
interface Spot {
  /** Of its key, or of the value itself in a list. */
  readonly offset: number;
  parts?: Map<string, Spot> | Spot[];
}

export interface YamlText {
  /** Maps without a prototype, lists, texts, numbers, booleans and null; undefined where there is nothing to judge. */
  readonly data: unknown;
  readonly origin: Origin;
}

/** The reading cannot go on; it has been reported. */
class Stop extends Error {}

/**
 * Reads one YAML 1.2 document (core schema, no tags of its own) within the limits, and keeps where everything stands.
 *
 * @param textKeys keys that hold text, or lists of text: what YAML would read as a number there, such as a machine id of
 *   digits only, is taken as it is written
 */
export async function readYaml(text: string, textKeys: ReadonlySet<string>, report: Report): Promise<YamlText> {
  const yaml = await import('yaml');
  // A byte order mark counts for no column in an editor.
  const source = text.startsWith('\ufeff') ? text.slice(1) : text;
  const places = new Places(yaml, source);
  try {
    checkSize(source, report);
    checkCharacters(source, report);
    const document = onlyDocument(yaml, source, report);
    const data = new Conversion(yaml, places, textKeys, report).convertRoot(document.contents);
    return { data, origin: places };
  } catch (error) {
    // The library has thrown on odd texts before; that is a text which cannot be read, not a crash.
    if (!(error instanceof Stop)) report([], `cannot be read as YAML: ${shown(String(error))}`, 0);
    return { data: undefined, origin: places };
  }
}

function checkSize(source: string, report: Report): void {
  if (source.length > longestText) {
    report([], `is longer than ${longestText / 1024 / 1024} Mi characters; split it over several manifests`, 0);
    throw new Stop();
  }
  let lines = 1;
  for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) {
    lines += 1;
    if (lines <= mostLines) continue;
    report([], `has more than ${mostLines} lines; split it over several manifests`, at + 1);
    throw new Stop();
  }
}

function checkCharacters(source: string, report: Report): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  const found = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u202a-\u202e\u2066-\u2069\ufffe\uffff]|\p{Cs}/u.exec(
    source,
  );
  if (found === null) return;
  const code = found[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  report(
    [],
    /[\u202a-\u202e\u2066-\u2069]/.test(found[0])
      ? `holds the bidirectional override U+${code}, so the text is not what it looks like; take it out`
      : `holds the character U+${code}, which YAML does not allow; save the file as UTF-8 text without it`,
    found.index,
  );
  throw new Stop();
}

function onlyDocument(yaml: Yaml, source: string, report: Report): Document.Parsed {
  const composer = new yaml.Composer({
    version: '1.2',
    schema: 'core',
    merge: false,
    resolveKnownTags: false,
    strict: true,
    // Its own check takes quadratic time; ours does not.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  stopAtFaults(composer, report);
  const documents = [...composer.compose(tokensOf(yaml, source, report), true, source.length)];
  const [document, second] = documents;
  if (document === undefined) {
    report([], emptyText, 0);
    throw new Stop();
  }
  const wrong = documents.flatMap((each) => [...each.errors, ...each.warnings]);
  for (const { message, pos } of wrong) tellFault(report, pos[0], message);
  if (document.directives.yaml.version !== '1.2')
    report([], 'asks for another version of YAML; take the %YAML line out', 0);
  if (second !== undefined)
    report([], 'a second document begins here; a manifest is one document, so take the --- out', second.range[0]);
  if (wrong.length > 0 || second !== undefined) throw new Stop();
  return document as Document.Parsed;
}

function tellFault(report: Report, offset: number, message: string): void {
  report([], `is no valid YAML here: ${shown(message)}`, offset);
}

type OnFault = (
  at: number | readonly [number, number] | CST.Token,
  code: string,
  message: string,
  warns?: boolean,
) => void;

/**
 * The composer makes an error, with its stack, of each fault that it finds, and a text may have one at every second
 * character: millions of them fill the memory. It has no way to be told so, but for what it calls for each.
 */
function stopAtFaults(composer: Composer, report: Report): void {
  const onError: OnFault = Reflect.get(composer, 'onError');
  const found: { readonly offset: number; readonly message: string }[] = [];
  const counting: OnFault = (at, code, message, warns) => {
    onError(at, code, message, warns);
    const offset = typeof at === 'number' ? at : 'offset' in at ? at.offset : at[0];
    found.push({ offset, message });
    if (found.length <= mostFaults) return;
    for (const each of found) tellFault(report, each.offset, each.message);
    throw new Stop();
  };
  Reflect.set(composer, 'onError', counting);
}

const emptyText = 'is empty; a manifest says version: 1 and hosts, at least hosts: []';

/** The parser works with a stack of its own, the composer with recursion: so nesting is bounded in between. */
function tokensOf(yaml: Yaml, source: string, report: Report): readonly CST.Token[] {
  const parser = new yaml.Parser();
  const tokens: CST.Token[] = [];
  let pieces = 0;
  let documents = 0;
  let faults = 0;
  for (const piece of new yaml.Lexer().lex(source)) {
    for (const token of parser.next(piece)) {
      tokens.push(token);
      // One document is all that is read; thousands of them need not be kept to say so.
      if (token.type === 'document') documents += 1;
      if (token.type === 'error') faults += 1;
    }
    if (documents > 2 || faults > mostFaults) break;
    // Each level is a collection and at times the scalar within it.
    if (parser.stack.length > 2 * deepest) {
      report([], `is nested more than ${deepest} deep`, parser.offset);
      throw new Stop();
    }
    pieces += 1;
    if (pieces > mostPieces) {
      report([], 'holds too much to be one manifest; split it over several', parser.offset);
      throw new Stop();
    }
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}

class Places implements Origin {
  readonly root: Spot = { offset: 0 };
  readonly #source: string;
  readonly #lines;
  /** Where the first line begins that `#lines` does not know yet; -1: it knows all. */
  #next = 0;

  constructor(yaml: Yaml, source: string) {
    this.#source = source;
    this.#lines = new yaml.LineCounter();
  }

  orderOf(path: PropertyPath): number {
    let spot: Spot = this.root;
    for (const part of path) {
      const parts = spot.parts;
      const next = Array.isArray(parts) ? parts[Number(part)] : parts?.get(String(part));
      if (next === undefined) break;
      spot = next;
    }
    return spot.offset;
  }

  placeOf(path: PropertyPath) {
    return this.placeAt(this.orderOf(path));
  }

  placeAt(offset: number) {
    // Only as far as somebody asks: a text that is refused for its size is not gone through for it.
    while (this.#next >= 0 && this.#next <= offset) {
      this.#lines.addNewLine(this.#next);
      const end = this.#source.indexOf('\n', this.#next);
      this.#next = end < 0 ? -1 : end + 1;
    }
    const { line, col } = this.#lines.linePos(offset);
    return { line, column: col };
  }
}

/** One walk over the nodes in the order of the text, which is the order in which anchors take effect. */
class Conversion {
  readonly #yaml: Yaml;
  readonly #places: Places;
  readonly #textKeys: ReadonlySet<string>;
  readonly #report: Report;
  readonly #path: (string | number)[] = [];
  readonly #anchors = new Map<string, Node>();
  readonly #open = new Set<Node>();
  #values = 0;
  #aliased = 0;
  /** The alias that is being followed, the outermost one. */
  #alias: Alias | undefined;

  constructor(yaml: Yaml, places: Places, textKeys: ReadonlySet<string>, report: Report) {
    this.#yaml = yaml;
    this.#places = places;
    this.#textKeys = textKeys;
    this.#report = report;
  }

  convertRoot(root: Node | null): unknown {
    const data = this.#convert(root, this.#places.root);
    if (data !== null) return data;
    this.#report([], emptyText, 0);
    throw new Stop();
  }

  #convert(node: Node | null, spot: Spot, key?: string): unknown {
    this.#count(spot);
    const { isAlias, isMap, isScalar, isSeq } = this.#yaml;
    if (isAlias(node)) return this.#follow(node, spot, key);
    if (node?.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return this.#scalar(node, key);
    if (!isMap(node) && !isSeq(node)) return null;
    this.#open.add(node);
    const value = isMap(node) ? this.#map(node, spot) : this.#list(node.items as (Node | null)[], spot, key);
    this.#open.delete(node);
    return value;
  }

  #count({ offset }: Spot): void {
    this.#values += 1;
    if (this.#alias !== undefined) this.#aliased += 1;
    if (this.#path.length > deepest) this.#stop(`is nested more than ${deepest} deep`, offset);
    if (this.#aliased > mostAliasedValues)
      this.#stop(`aliases stand for more than ${mostAliasedValues} values in all; write them out`, offset);
    if (this.#values > mostValues)
      this.#stop(`the manifest holds more than ${mostValues} values; split it over several`, offset);
  }

  #stop(reason: string, offset: number): never {
    this.#report([], reason, offset);
    throw new Stop();
  }

  #follow(alias: Alias, spot: Spot, key: string | undefined): unknown {
    const target = this.#anchors.get(alias.source);
    const offset = offsetOf(alias, spot);
    if (target === undefined) {
      this.#report([...this.#path], `*${shown(alias.source)} has no anchor &${shown(alias.source)} above it`, offset);
      return undefined;
    }
    if (this.#open.has(target)) this.#stop(`*${shown(alias.source)} would hold itself`, offset);
    const outermost = this.#alias === undefined;
    if (outermost) this.#alias = alias;
    const value = this.#convert(target, spot, key);
    if (outermost) this.#alias = undefined;
    return value;
  }

  #scalar({ value, source, type }: Scalar, key: string | undefined): unknown {
    const isText = key !== undefined && this.#textKeys.has(key);
    return isText && typeof value === 'number' && type === 'PLAIN' && source !== undefined ? source : value;
  }

  #list(items: readonly (Node | null)[], spot: Spot, key: string | undefined): unknown[] {
    const spots: Spot[] = [];
    this.#keep(spot, spots);
    return items.map((item, index) => {
      const own: Spot = { offset: this.#offsetOf(item, spot) };
      spots.push(own);
      this.#path.push(index);
      const value = this.#convert(item, own, key);
      this.#path.pop();
      return value;
    });
  }

  #map(map: YAMLMap, spot: Spot): Readonly<Record<string, unknown>> {
    // Without a prototype, so that `__proto__` is a key like any other.
    const data: Record<string, unknown> = Object.create(null);
    const spots = new Map<string, Spot>();
    this.#keep(spot, spots);
    for (const pair of map.items) {
      const keyNode = pair.key as Node | null;
      const offset = this.#offsetOf(keyNode, spot);
      const key = this.#key(keyNode, offset);
      if (key === undefined) continue;
      this.#path.push(key);
      const first = spots.get(key);
      if (first === undefined) {
        const own: Spot = { offset };
        spots.set(key, own);
        const value = this.#convert(pair.value as Node | null, own, key);
        if (value !== undefined) data[key] = value;
      } else if (this.#alias === undefined) {
        const { line } = this.#places.placeAt(first.offset);
        this.#report([...this.#path], `is written twice; first in line ${line}. Keep one of them`, offset);
      }
      this.#path.pop();
    }
    return data;
  }

  /** What an alias brings in is written elsewhere, perhaps for several; its place is the alias. */
  #offsetOf(node: Node | null, around: Spot): number {
    return this.#alias === undefined ? offsetOf(node, around) : around.offset;
  }

  #keep(spot: Spot, parts: Map<string, Spot> | Spot[]): void {
    if (this.#alias === undefined) spot.parts = parts;
  }

  /** A key's text; undefined where it is none, which has been reported. */
  #key(node: Node | null, offset: number): string | undefined {
    if (this.#yaml.isScalar(node)) {
      if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
      if (typeof node.value === 'string') return node.value;
      if (node.source !== undefined && node.source !== '') return node.source;
    }
    this.#report([...this.#path], 'a key is one word, such as comment, before a colon', offset);
    return undefined;
  }
}

function offsetOf(node: Node | null, around: Spot): number {
  return node?.range?.[0] ?? around.offset;
}
