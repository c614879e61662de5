import type { Struct, Value } from 'google-protobuf/google/protobuf/struct_pb.js';
import { formatPath, type PropertyPath } from '../property-path.ts';
import { type PropertyMap, type PropertyValue, UserError, unknown } from '../resources/resource.ts';
import { unknownStrings } from '../unknown-strings.ts';
import { signatureKey, signatures } from './sentinels.ts';

/** A Struct as plain data, and where in it secrets stood. A secret within a secret is not listed again. */
export interface Decoded {
  readonly value: PropertyMap;
  readonly secrets: readonly PropertyPath[];
}

/** No declaration is nested this deep; a hostile one would otherwise exhaust the stack. */
const maxDepth = 100;

interface Place {
  readonly path: PropertyPath;
  /** Counts wrappers too: a tower of secrets stays at one path. */
  readonly depth: number;
  /** Inside a secret already. */
  readonly secret: boolean;
}

/**
 * Unwraps secrets, outputs and resource references, and turns every mark of an unknown into the `unknown` symbol.
 * Throws UserError, naming the property, for what no property of this provider can be: assets, archives, unheard-of
 * marks, numbers that are none, excessive nesting.
 */
export function decodeStruct(struct: Struct | undefined): Decoded {
  const secrets: PropertyPath[] = [];
  const value = struct ? decodeFields(struct, { path: [], depth: 0, secret: false }, secrets) : {};
  return { value, secrets };
}

/** As decodeStruct; undefined where the request has no Struct at all, which on import means "nothing is known". */
export function decodeOptional(struct: Struct | undefined): Decoded | undefined {
  return struct ? decodeStruct(struct) : undefined;
}

function decodeFields(struct: Struct, place: Place, secrets: PropertyPath[]): PropertyMap {
  const map: Record<string, PropertyValue> = {};
  struct.getFieldsMap().forEach((value, key) => {
    const here = child(place, key);
    if (key === '__proto__') throw new UserError(`${formatPath(here.path)}: this name cannot be used for a property`);
    map[key] = decodeValue(value, here, secrets);
  });
  return map;
}

function decodeValue(value: Value, place: Place, secrets: PropertyPath[]): PropertyValue {
  if (place.depth > maxDepth) {
    throw new UserError(`${formatPath(place.path.slice(0, 4))}: nested more than ${maxDepth} levels deep`);
  }
  if (value.hasStringValue()) {
    const text = value.getStringValue();
    return unknownStrings.has(text) ? unknown : text;
  }
  if (value.hasBoolValue()) return value.getBoolValue();
  if (value.hasNumberValue()) {
    const number = value.getNumberValue();
    if (Number.isFinite(number)) return number;
    throw new UserError(`${formatPath(place.path)}: ${number} is not a number that can be kept`);
  }
  const list = value.getListValue();
  if (list) return list.getValuesList().map((item, index) => decodeValue(item, child(place, index), secrets));
  const struct = value.getStructValue();
  if (!struct) return null;
  const signature = struct.getFieldsMap().get(signatureKey)?.getStringValue();
  return signature === undefined
    ? decodeFields(struct, place, secrets)
    : decodeSpecial(struct, signature, place, secrets);
}

function decodeSpecial(struct: Struct, signature: string, place: Place, secrets: PropertyPath[]): PropertyValue {
  const fields = struct.getFieldsMap();
  const inner = fields.get('value');
  switch (signature) {
    case signatures.secret:
      return inner ? decodeValue(inner, within(place, true, secrets), secrets) : null;
    case signatures.outputValue: {
      const secret = fields.get('secret')?.getBoolValue() === true;
      const inside = within(place, secret, secrets);
      // An output value without a value is one that is not known yet.
      return inner ? decodeValue(inner, inside, secrets) : unknown;
    }
    case signatures.resourceReference: {
      const id = fields.get('id');
      // A component has no id; what names it is its URN. An empty id is one that is not known yet.
      if (!id) return fields.get('urn')?.getStringValue() ?? unknown;
      const decoded = decodeValue(id, within(place, false, secrets), secrets);
      return decoded === '' || decoded === null ? unknown : decoded;
    }
    case signatures.asset:
      throw new UserError(`${formatPath(place.path)}: an asset (a file) cannot be given here; give the value itself`);
    case signatures.archive:
      throw new UserError(`${formatPath(place.path)}: an archive cannot be given here; give the value itself`);
    default:
      throw new UserError(`${formatPath(place.path)}: a kind of value that this version of the provider does not know`);
  }
}

function child(place: Place, key: string | number): Place {
  return { path: [...place.path, key], depth: place.depth + 1, secret: place.secret };
}

/** The place inside a wrapper: the same path, one level deeper. */
function within(place: Place, secret: boolean, secrets: PropertyPath[]): Place {
  if (secret && !place.secret) secrets.push(place.path);
  return { path: place.path, depth: place.depth + 1, secret: place.secret || secret };
}
