import structs from 'google-protobuf/google/protobuf/struct_pb.js';
import { formatPath, type PropertyPath } from '../property-path.ts';
import { type PropertyMap, unknown } from '../resources/resource.ts';
import { unknownString } from '../unknown-strings.ts';
import { signatureKey, signatures } from './sentinels.ts';

export interface EncodeOptions {
  /** Values to go out as secrets. */
  readonly secrets: readonly PropertyPath[];
  /** Preview only: elsewhere the engine refuses an answer that holds an unknown. */
  readonly unknowns: boolean;
}

export interface Encoded {
  readonly struct: structs.Struct;
  /** What could not be sent and was left out, each with its path. */
  readonly problems: readonly string[];
}

const maxDepth = 100;

interface Writer {
  readonly secretPaths: ReadonlySet<string>;
  readonly unknowns: boolean;
  readonly problems: string[];
}

/**
 * Plain data as a Struct. `undefined` is left out, as JSON leaves it out. What the protocol cannot carry (NaN,
 * functions, dates, …) is left out *and named in `problems`*: an answer that fails as a whole, after the service was
 * told to act, would orphan what was done.
 */
export function encodeStruct(map: PropertyMap, options: EncodeOptions): Encoded {
  const problems: string[] = [];
  const writer: Writer = {
    secretPaths: new Set(options.secrets.map(formatPath)),
    unknowns: options.unknowns,
    problems,
  };
  return { struct: encodeFields(map, [], writer), problems };
}

function encodeFields(map: object, path: PropertyPath, writer: Writer): structs.Struct {
  const struct = new structs.Struct();
  const fields = struct.getFieldsMap();
  for (const [key, value] of Object.entries(map)) {
    const here = [...path, key];
    if (key === '__proto__' || key === signatureKey) {
      writer.problems.push(`${formatPath(here)}: this name cannot be used for a property`);
      continue;
    }
    const encoded = encodeValue(value, here, writer);
    if (encoded) fields.set(key, encoded);
  }
  return struct;
}

function encodeValue(value: unknown, path: PropertyPath, writer: Writer): structs.Value | undefined {
  if (value === undefined) return undefined;
  const plain = encodePlain(value, path, writer);
  return plain && writer.secretPaths.has(formatPath(path)) ? wrapSecret(plain) : plain;
}

function encodePlain(value: unknown, path: PropertyPath, writer: Writer): structs.Value | undefined {
  const encoded = new structs.Value();
  if (path.length > maxDepth) return refuse('nested too deep, or in a circle', path.slice(0, 4), writer);
  switch (typeof value) {
    case 'string':
      return encoded.setStringValue(value.toWellFormed());
    case 'boolean':
      return encoded.setBoolValue(value);
    case 'number':
      return Number.isFinite(value) ? encoded.setNumberValue(value) : refuse(`${value} cannot be sent`, path, writer);
    case 'symbol':
      if (value !== unknown) return refuse('a symbol cannot be sent', path, writer);
      return writer.unknowns
        ? encoded.setStringValue(unknownString)
        : refuse('not known, though nothing is unknown outside a preview', path, writer);
    case 'object':
      break;
    default:
      return refuse(`a ${typeof value} cannot be sent`, path, writer);
  }
  if (value === null) return encoded.setNullValue(structs.NullValue.NULL_VALUE);
  if (Array.isArray(value)) {
    // A hole would move what follows it to another index, so it goes out as null.
    const items = value.map((item, index) => encodeValue(item, [...path, index], writer) ?? nullValue());
    return encoded.setListValue(new structs.ListValue().setValuesList(items));
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) {
    return refuse('only plain objects can be sent', path, writer);
  }
  return encoded.setStructValue(encodeFields(value, path, writer));
}

function refuse(why: string, path: PropertyPath, writer: Writer): undefined {
  writer.problems.push(`${formatPath(path)}: ${why}`);
}

function nullValue(): structs.Value {
  return new structs.Value().setNullValue(structs.NullValue.NULL_VALUE);
}

function wrapSecret(value: structs.Value): structs.Value {
  const wrapper = new structs.Struct();
  wrapper.getFieldsMap().set(signatureKey, new structs.Value().setStringValue(signatures.secret));
  wrapper.getFieldsMap().set('value', value);
  return new structs.Value().setStructValue(wrapper);
}
