import { formatPath, type PropertyPath } from '../property-path.ts';
import { type PropertyMap, type PropertyValue, UserError, unknown } from '../resources/resource.ts';
import { unknownStrings } from '../unknown-strings.ts';
import { signatureKey, signatures } from './sentinels.ts';
import { entryFields, listFields, structFields, valueFields } from './struct-wire.ts';
import { DamagedMessage, WireReader } from './wire.ts';

/** A Struct as plain data, and where in it secrets stood. A secret within a secret is not listed again. */
export interface Decoded {
  readonly value: PropertyMap;
  readonly secrets: readonly PropertyPath[];
}

/** No declaration is nested this deep; a hostile one would otherwise exhaust the stack. */
const maxDepth = 100;

/**
 * Unwraps secrets, outputs and resource references, and turns every mark of an unknown into the `unknown` symbol.
 * Throws UserError, naming the property, for what no property of this provider can be: assets, archives, unheard-of
 * marks, numbers that are none, excessive nesting, bytes that are no Struct.
 *
 * @param struct a google.protobuf.Struct as it is on the wire
 */
export function decodeStruct(struct: Uint8Array | undefined): Decoded {
  if (struct === undefined) return { value: {}, secrets: [] };
  const decoding = new Decoding(struct);
  return { value: decoding.run(), secrets: decoding.secrets };
}

/** As decodeStruct; undefined where the request has no Struct at all, which on import means "nothing is known". */
export function decodeOptional(struct: Uint8Array | undefined): Decoded | undefined {
  return struct === undefined ? undefined : decodeStruct(struct);
}

/** The fields of a Struct by name, each with the place of its value in the bytes; undefined: it has none. */
type Fields = ReadonlyMap<string, number | undefined>;

/** One walk over the bytes. Nothing but the data itself is kept of ten thousand values: the path is told when asked for. */
class Decoding {
  readonly secrets: PropertyPath[] = [];
  readonly #wire: WireReader;
  readonly #path: (string | number)[] = [];

  constructor(struct: Uint8Array) {
    this.#wire = new WireReader(struct);
  }

  run(): PropertyMap {
    try {
      return this.#map(this.#fields(), 0, false);
    } catch (error) {
      if (!(error instanceof DamagedMessage)) throw error;
      const where = this.#path.length > 0 ? `${formatPath(this.#path.slice(0, 4))}: ` : '';
      const text = `${where}the engine's message cannot be read here (${error.message}). Nothing was done; run it again`;
      throw new UserError(text, { cause: error });
    }
  }

  /** In the order of their names: the sender's order is a different one each time. */
  #map(fields: Fields, depth: number, secret: boolean): PropertyMap {
    const map: Record<string, PropertyValue> = {};
    for (const key of [...fields.keys()].sort()) {
      this.#path.push(key);
      if (key === '__proto__') this.#refuse('this name cannot be used for a property');
      map[key] = this.#valueAt(fields.get(key), depth + 1, secret);
      this.#path.pop();
    }
    return map;
  }

  /** @param depth counts wrappers too: a tower of secrets stays at one path */
  #valueAt(at: number | undefined, depth: number, secret: boolean): PropertyValue {
    if (at === undefined) return null;
    const outer = this.#wire.goTo(at);
    const value = this.#value(depth, secret);
    this.#wire.leave(outer);
    return value;
  }

  /** The Value that was entered. Of several kinds of value in one the last counts, as everywhere in the protocol. */
  #value(depth: number, secret: boolean): PropertyValue {
    const wire = this.#wire;
    if (depth > maxDepth) {
      throw new UserError(`${formatPath(this.#path.slice(0, 4))}: nested more than ${maxDepth} levels deep`);
    }
    let value: PropertyValue = null;
    while (wire.next()) {
      switch (wire.field) {
        case valueFields.null:
          wire.bool();
          value = null;
          break;
        case valueFields.number:
          value = wire.double();
          if (!Number.isFinite(value)) this.#refuse(`${value} is not a number that can be kept`);
          break;
        case valueFields.text:
          value = wire.text();
          if (unknownStrings.has(value)) value = unknown;
          break;
        case valueFields.bool:
          value = wire.bool();
          break;
        case valueFields.struct:
          value = this.#struct(depth, secret);
          break;
        case valueFields.list:
          value = this.#list(depth, secret);
          break;
        default:
          wire.skip();
      }
    }
    return value;
  }

  #list(depth: number, secret: boolean): PropertyValue {
    const wire = this.#wire;
    const items: PropertyValue[] = [];
    const outer = wire.enter();
    while (wire.next()) {
      if (wire.field !== listFields.item) {
        wire.skip();
        continue;
      }
      this.#path.push(items.length);
      const around = wire.enter();
      items.push(this.#value(depth + 1, secret));
      wire.leave(around);
      this.#path.pop();
    }
    wire.leave(outer);
    return items;
  }

  #struct(depth: number, secret: boolean): PropertyValue {
    const outer = this.#wire.enter();
    const fields = this.#fields();
    const signature = this.#textOf(fields, signatureKey);
    const value =
      signature === undefined ? this.#map(fields, depth, secret) : this.#special(fields, signature, depth, secret);
    this.#wire.leave(outer);
    return value;
  }

  #special(fields: Fields, signature: string, depth: number, secret: boolean): PropertyValue {
    switch (signature) {
      case signatures.secret:
        return fields.has('value') ? this.#within(fields.get('value'), depth, secret, true) : null;
      case signatures.outputValue: {
        const isSecret = this.#plain(fields, 'secret') === true;
        // An output value without a value is one that is not known yet.
        if (fields.has('value')) return this.#within(fields.get('value'), depth, secret, isSecret);
        this.#note(secret, isSecret);
        return unknown;
      }
      case signatures.resourceReference: {
        // A component has no id; what names it is its URN. An empty id is one that is not known yet.
        if (!fields.has('id')) {
          const urn = this.#textOf(fields, 'urn');
          return urn === undefined || unknownStrings.has(urn) ? unknown : urn;
        }
        const id = this.#within(fields.get('id'), depth, secret, false);
        return id === '' || id === null ? unknown : id;
      }
      case signatures.asset:
        return this.#refuse('an asset (a file) cannot be given here; give the value itself');
      case signatures.archive:
        return this.#refuse('an archive cannot be given here; give the value itself');
      default:
        return this.#refuse('a kind of value that this version of the provider does not know');
    }
  }

  /** What a wrapper holds: the same path, one level deeper. */
  #within(at: number | undefined, depth: number, secret: boolean, wrapsSecret: boolean): PropertyValue {
    this.#note(secret, wrapsSecret);
    return this.#valueAt(at, depth + 1, secret || wrapsSecret);
  }

  #note(secret: boolean, wrapsSecret: boolean): void {
    if (wrapsSecret && !secret) this.secrets.push([...this.#path]);
  }

  /** The rest of the Struct that was entered. Of a name that comes twice the last counts. */
  #fields(): Fields {
    const wire = this.#wire;
    const fields = new Map<string, number | undefined>();
    while (wire.next()) {
      if (wire.field !== structFields.entry) {
        wire.skip();
        continue;
      }
      let key = '';
      let at: number | undefined;
      const outer = wire.enter();
      while (wire.next()) {
        if (wire.field === entryFields.key) key = wire.text();
        else if (wire.field === entryFields.value) {
          at = wire.at;
          wire.leave(wire.enter());
        } else wire.skip();
      }
      wire.leave(outer);
      fields.set(key, at);
    }
    return fields;
  }

  /** A text or flag of a wrapper; undefined where it is anything else. */
  #plain(fields: Fields, name: string): string | boolean | undefined {
    const at = fields.get(name);
    if (at === undefined) return undefined;
    const wire = this.#wire;
    let value: string | boolean | undefined;
    const outer = wire.goTo(at);
    while (wire.next()) {
      if (wire.field === valueFields.text) value = wire.text();
      else if (wire.field === valueFields.bool) value = wire.bool();
      else {
        wire.skip();
        value = undefined;
      }
    }
    wire.leave(outer);
    return value;
  }

  /** Undefined where there is no such field, and empty where it is no text: a mark that is none is still a mark. */
  #textOf(fields: Fields, name: string): string | undefined {
    if (!fields.has(name)) return undefined;
    const value = this.#plain(fields, name);
    return typeof value === 'string' ? value : '';
  }

  #refuse(why: string): never {
    throw new UserError(`${formatPath(this.#path)}: ${why}`);
  }
}
