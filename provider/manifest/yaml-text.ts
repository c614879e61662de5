import type { Alias, CST, Document, Node, ParsedNode, Scalar, YAMLMap } from 'yaml';
import { deepest, longestText, mostAliasedValues, mostValues } from './limits.ts';
import type { Origin, Report } from './problem.ts';
import type { PropertyPath } from './property-path.ts';
import { shown } from './shown.ts';

type Yaml = typeof import('yaml');
interface Entry {
  readonly key: Node;
  readonly value: Node | null;
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
  const nodes = new Nodes(yaml, source);
  try {
    checkCharacters(source, report);
    const document = onlyDocument(yaml, source, report);
    nodes.root = document.contents as ParsedNode | null;
    return { data: new Conversion(yaml, nodes, textKeys, report).convertRoot(), origin: nodes };
  } catch (error) {
    // The library has thrown on odd texts before; that is a text which cannot be read, not a crash.
    if (!(error instanceof Stop)) report([], `cannot be read as YAML: ${shown(String(error))}`, 0);
    return { data: undefined, origin: nodes };
  }
}

function checkCharacters(source: string, report: Report): void {
  if (source.length > longestText) {
    report([], `is longer than ${longestText / 1024 / 1024} Mi characters; split it over several manifests`, 0);
    throw new Stop();
  }
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
  const documents = [...composer.compose(tokensOf(yaml, source, report), true, source.length)];
  const [document, second] = documents;
  if (document === undefined) {
    report([], emptyText, 0);
    throw new Stop();
  }
  const wrong = documents.flatMap((each) => [...each.errors, ...each.warnings]);
  for (const { message, pos } of wrong) report([], `is no valid YAML here: ${shown(message)}`, pos[0]);
  if (document.directives.yaml.version !== '1.2')
    report([], 'asks for another version of YAML; take the %YAML line out', 0);
  if (second !== undefined)
    report([], 'a second document begins here; a manifest is one document, so take the --- out', second.range[0]);
  if (wrong.length > 0 || second !== undefined) throw new Stop();
  return document as Document.Parsed;
}

const emptyText = 'is empty; a manifest says version: 1 and hosts, at least hosts: []';

/** The parser works with a stack of its own, the composer with recursion: so nesting is bounded in between. */
function tokensOf(yaml: Yaml, source: string, report: Report): readonly CST.Token[] {
  const parser = new yaml.Parser();
  const tokens: CST.Token[] = [];
  let pieces = 0;
  for (const piece of new yaml.Lexer().lex(source)) {
    for (const token of parser.next(piece)) tokens.push(token);
    // Each level is a collection and at times the scalar within it.
    if (parser.stack.length > 2 * deepest) {
      report([], `is nested more than ${deepest} deep`, parser.offset);
      throw new Stop();
    }
    // A value is made of some ten pieces: its key, the colon, line breaks, spaces.
    pieces += 1;
    if (pieces > 10 * mostValues) {
      report([], `holds more than ${mostValues} values; split it over several manifests`, parser.offset);
      throw new Stop();
    }
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}

/** The nodes of a text, and where they stand. */
class Nodes implements Origin {
  root: ParsedNode | null = null;
  readonly entries = new Map<YAMLMap, ReadonlyMap<string, Entry>>();
  readonly #yaml: Yaml;
  readonly #lines;

  constructor(yaml: Yaml, source: string) {
    this.#yaml = yaml;
    this.#lines = new yaml.LineCounter();
    for (let start = 0; start >= 0; ) {
      this.#lines.addNewLine(start);
      const end = source.indexOf('\n', start);
      start = end < 0 ? -1 : end + 1;
    }
  }

  orderOf(path: PropertyPath): number {
    const { isAlias, isMap, isSeq } = this.#yaml;
    let node: Node | null | undefined = this.root;
    let offset = node?.range?.[0] ?? 0;
    for (const part of path) {
      if (isMap(node) && typeof part === 'string') {
        const entry: Entry | undefined = this.entries.get(node)?.get(part);
        if (entry === undefined) break;
        offset = entry.key.range?.[0] ?? offset;
        node = entry.value;
      } else if (isSeq(node) && typeof part === 'number') {
        node = node.items[part] as Node | undefined;
        offset = node?.range?.[0] ?? offset;
      } else {
        // What an alias stands for is written elsewhere, perhaps for several; the place is the alias.
        if (isAlias(node)) offset = node.range?.[0] ?? offset;
        break;
      }
    }
    return offset;
  }

  placeOf(path: PropertyPath) {
    return this.placeAt(this.orderOf(path));
  }

  placeAt(offset: number) {
    const { line, col } = this.#lines.linePos(offset);
    return { line, column: col };
  }
}

/** One walk over the nodes in the order of the text, which is the order in which anchors take effect. */
class Conversion {
  readonly #yaml: Yaml;
  readonly #nodes: Nodes;
  readonly #textKeys: ReadonlySet<string>;
  readonly #report: Report;
  readonly #path: (string | number)[] = [];
  readonly #anchors = new Map<string, Node>();
  readonly #open = new Set<Node>();
  #values = 0;
  #aliased = 0;
  /** The alias that is being followed, the outermost one. */
  #alias: Alias | undefined;

  constructor(yaml: Yaml, nodes: Nodes, textKeys: ReadonlySet<string>, report: Report) {
    this.#yaml = yaml;
    this.#nodes = nodes;
    this.#textKeys = textKeys;
    this.#report = report;
  }

  convertRoot(): unknown {
    const data = this.#convert(this.#nodes.root);
    if (data !== null) return data;
    this.#report([], emptyText, 0);
    throw new Stop();
  }

  #convert(node: Node | null | undefined, key?: string): unknown {
    this.#count(node);
    if (node === null || node === undefined) return null;
    const { isAlias, isMap, isScalar, isSeq } = this.#yaml;
    if (isAlias(node)) return this.#follow(node, key);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return this.#scalar(node, key);
    this.#open.add(node);
    const value = isMap(node) ? this.#map(node) : isSeq(node) ? this.#list(node.items as readonly Node[], key) : null;
    this.#open.delete(node);
    return value;
  }

  #count(node: Node | null | undefined): void {
    this.#values += 1;
    if (this.#alias !== undefined) this.#aliased += 1;
    const offset = (this.#alias ?? node)?.range?.[0];
    if (this.#path.length > deepest) this.#stop(`is nested more than ${deepest} deep`, offset);
    if (this.#aliased > mostAliasedValues)
      this.#stop(`aliases stand for more than ${mostAliasedValues} values in all; write them out`, offset);
    if (this.#values > mostValues)
      this.#stop(`the manifest holds more than ${mostValues} values; split it over several`, offset);
  }

  #stop(reason: string, offset: number | undefined): never {
    this.#report([], reason, offset ?? 0);
    throw new Stop();
  }

  #follow(alias: Alias, key: string | undefined): unknown {
    const target = this.#anchors.get(alias.source);
    const offset = alias.range?.[0];
    if (target === undefined) {
      this.#report([...this.#path], `*${shown(alias.source)} has no anchor &${shown(alias.source)} above it`, offset);
      return undefined;
    }
    if (this.#open.has(target)) this.#stop(`*${shown(alias.source)} would hold itself`, offset);
    const outermost = this.#alias === undefined;
    if (outermost) this.#alias = alias;
    const value = this.#convert(target, key);
    if (outermost) this.#alias = undefined;
    return value;
  }

  #scalar({ value, source, type }: Scalar, key: string | undefined): unknown {
    const isText = key !== undefined && this.#textKeys.has(key);
    return isText && typeof value === 'number' && type === 'PLAIN' && source !== undefined ? source : value;
  }

  #list(items: readonly (Node | null)[], key: string | undefined): unknown[] {
    return items.map((item, index) => {
      this.#path.push(index);
      const value = this.#convert(item, key);
      this.#path.pop();
      return value;
    });
  }

  #map(map: YAMLMap): Readonly<Record<string, unknown>> {
    // Without a prototype, so that `__proto__` is a key like any other.
    const data: Record<string, unknown> = Object.create(null);
    const entries = new Map<string, Entry>();
    this.#nodes.entries.set(map, entries);
    for (const pair of map.items) {
      const keyNode = pair.key as Node;
      const key = this.#key(keyNode);
      if (key === undefined) continue;
      this.#path.push(key);
      const first = entries.get(key)?.key.range?.[0];
      if (first !== undefined) {
        if (this.#alias === undefined) this.#reportTwice(first, keyNode);
      } else {
        entries.set(key, { key: keyNode, value: pair.value as Node | null });
        const value = this.#convert(pair.value as Node | null, key);
        if (value !== undefined) data[key] = value;
      }
      this.#path.pop();
    }
    return data;
  }

  #reportTwice(first: number, again: Node): void {
    const { line } = this.#nodes.placeAt(first);
    this.#report([...this.#path], `is written twice; first in line ${line}. Keep one of them`, again.range?.[0]);
  }

  /** A key's text; undefined where it is none, which has been reported. */
  #key(node: Node | null): string | undefined {
    if (this.#yaml.isScalar(node)) {
      if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
      if (typeof node.value === 'string') return node.value;
      if (node.source !== undefined && node.source !== '') return node.source;
    }
    this.#report([...this.#path], 'a key is one word, such as comment, before a colon', node?.range?.[0]);
    return undefined;
  }
}
