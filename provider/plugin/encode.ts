import { formatPath, type PropertyPath } from '../property-path.ts';
import { type PropertyMap, unknown } from '../resources/resource.ts';
import { unknownString } from '../unknown-strings.ts';
import { signatureKey, signatures } from './sentinels.ts';
import { entryFields, listFields, structFields, valueFields } from './struct-wire.ts';
import { WireWriter } from './wire.ts';

export interface EncodeOptions {
  /** Values to go out as secrets. */
  readonly secrets: readonly PropertyPath[];
  /** Preview only: elsewhere the engine refuses an answer that holds an unknown. */
  readonly unknowns: boolean;
}

export interface Encoded {
  /** A google.protobuf.Struct as it goes over the wire. */
  readonly struct: Uint8Array;
  /** What could not be sent and was left out, each with its path. */
  readonly problems: readonly string[];
}

const maxDepth = 100;

/**
 * Plain data as a Struct. `undefined` is left out, as JSON leaves it out. What the protocol cannot carry (NaN,
 * functions, dates, …) is left out *and named in `problems`*: an answer that fails as a whole, after the service was
 * told to act, would orphan what was done.
 */
export function encodeStruct(map: PropertyMap, options: EncodeOptions): Encoded {
  const encoding = new Encoding(options, likelySize(map));
  return { struct: encoding.run(map), problems: encoding.problems };
}

/** Bytes that the data comes to where its texts are ASCII, and a little more. */
function likelySize(value: unknown, depth = 0): number {
  // Lengths and tags of a value; those of its name and entry are counted with the name.
  const own = 8;
  if (typeof value === 'string') return own + value.length;
  if (typeof value !== 'object' || value === null || depth > maxDepth) return own;
  let size = own;
  if (Array.isArray(value)) for (const item of value) size += likelySize(item, depth + 1);
  else {
    for (const name of Object.keys(value)) {
      size += own + name.length + likelySize((value as Readonly<Record<string, unknown>>)[name], depth + 1);
    }
  }
  return size;
}

/** One walk over the data. Nothing but its bytes is kept of ten thousand values: the path is told when asked for. */
class Encoding {
  readonly problems: string[] = [];
  readonly #wire: WireWriter;
  readonly #path: (string | number)[] = [];
  readonly #secretPaths: ReadonlySet<string>;
  readonly #unknowns: boolean;

  constructor({ secrets, unknowns }: EncodeOptions, size: number) {
    this.#wire = new WireWriter(size);
    this.#secretPaths = new Set(secrets.map(formatPath));
    this.#unknowns = unknowns;
  }

  run(map: PropertyMap): Uint8Array {
    this.#fields(map);
    return this.#wire.end();
  }

  #fields(map: object): void {
    for (const [key, value] of Object.entries(map)) {
      this.#path.push(key);
      if (key === '__proto__' || key === signatureKey) this.#refuse('this name cannot be used for a property');
      else this.#field(key, value);
      this.#path.pop();
    }
  }

  /** Writes nothing where the value cannot be sent. */
  #field(key: string, value: unknown): void {
    const wire = this.#wire;
    const before = wire.at;
    const entry = wire.open(structFields.entry);
    wire.text(entryFields.key, key.toWellFormed());
    const body = wire.open(entryFields.value);
    if (!this.#value(value)) {
      wire.backTo(before);
      return;
    }
    wire.close(body);
    wire.close(entry);
  }

  /** Writes what a Value consists of; false where it cannot be sent, and then what was written is to be forgotten. */
  #value(value: unknown): boolean {
    if (value === undefined) return false;
    if (this.#secretPaths.size === 0 || !this.#secretPaths.has(formatPath(this.#path))) return this.#plain(value);
    const wire = this.#wire;
    const wrapper = wire.open(valueFields.struct);
    const mark = wire.open(structFields.entry);
    wire.text(entryFields.key, signatureKey);
    const body = wire.open(entryFields.value);
    wire.text(valueFields.text, signatures.secret);
    wire.close(body);
    wire.close(mark);
    const entry = wire.open(structFields.entry);
    wire.text(entryFields.key, 'value');
    const inner = wire.open(entryFields.value);
    if (!this.#plain(value)) return false;
    wire.close(inner);
    wire.close(entry);
    wire.close(wrapper);
    return true;
  }

  #plain(value: unknown): boolean {
    const wire = this.#wire;
    if (this.#path.length > maxDepth) return this.#refuse('nested too deep, or in a circle', this.#path.slice(0, 4));
    switch (typeof value) {
      case 'string':
        wire.text(valueFields.text, value.toWellFormed());
        return true;
      case 'boolean':
        wire.varint(valueFields.bool, value ? 1 : 0);
        return true;
      case 'number':
        if (!Number.isFinite(value)) return this.#refuse(`${value} cannot be sent`);
        wire.double(valueFields.number, value);
        return true;
      case 'symbol':
        if (value !== unknown) return this.#refuse('a symbol cannot be sent');
        if (!this.#unknowns) return this.#refuse('not known, though nothing is unknown outside a preview');
        wire.text(valueFields.text, unknownString);
        return true;
      case 'object':
        return this.#object(value);
      default:
        return this.#refuse(`a ${typeof value} cannot be sent`);
    }
  }

  #object(value: object | null): boolean {
    const wire = this.#wire;
    if (value === null) {
      wire.varint(valueFields.null, 0);
      return true;
    }
    if (Array.isArray(value)) {
      const list = wire.open(valueFields.list);
      this.#items(value);
      wire.close(list);
      return true;
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== null && prototype !== Object.prototype) return this.#refuse('only plain objects can be sent');
    const struct = wire.open(valueFields.struct);
    this.#fields(value);
    wire.close(struct);
    return true;
  }

  #items(items: readonly unknown[]): void {
    const wire = this.#wire;
    for (const [index, item] of items.entries()) {
      this.#path.push(index);
      const body = wire.open(listFields.item);
      if (!this.#value(item)) {
        // A hole would move what follows it to another index, so it goes out as null.
        wire.backTo(body);
        wire.varint(valueFields.null, 0);
      }
      wire.close(body);
      this.#path.pop();
    }
  }

  #refuse(why: string, path: PropertyPath = this.#path): false {
    this.problems.push(`${formatPath(path)}: ${why}`);
    return false;
  }
}
