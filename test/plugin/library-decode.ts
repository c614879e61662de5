import structs from 'google-protobuf/google/protobuf/struct_pb.js';
import type { Decoded } from '../../provider/plugin/decode.ts';
import { signatureKey, signatures } from '../../provider/plugin/sentinels.ts';
import type { PropertyPath } from '../../provider/property-path.ts';
import { type PropertyMap, type PropertyValue, unknown } from '../../provider/resources/resource.ts';
import { unknownStrings } from '../../provider/unknown-strings.ts';

/** What a Struct says, by the library's own reading of its bytes: what the product's must agree with. */
export function decodeByLibrary(bytes: Uint8Array): Decoded {
  const secrets: PropertyPath[] = [];
  return { value: fieldsOf(structs.Struct.deserializeBinary(bytes), [], false, secrets), secrets };
}

function fieldsOf(struct: structs.Struct, path: PropertyPath, secret: boolean, secrets: PropertyPath[]): PropertyMap {
  const map: Record<string, PropertyValue> = {};
  struct.getFieldsMap().forEach((value, key) => {
    map[key] = plainOf(value, [...path, key], secret, secrets);
  });
  return map;
}

function plainOf(value: structs.Value, path: PropertyPath, secret: boolean, secrets: PropertyPath[]): PropertyValue {
  if (value.hasStringValue()) return unknownStrings.has(value.getStringValue()) ? unknown : value.getStringValue();
  if (value.hasBoolValue()) return value.getBoolValue();
  if (value.hasNumberValue()) return value.getNumberValue();
  const list = value.getListValue();
  if (list) return list.getValuesList().map((item, index) => plainOf(item, [...path, index], secret, secrets));
  const struct = value.getStructValue();
  if (!struct) return null;
  const fields = struct.getFieldsMap();
  const signature = fields.get(signatureKey)?.getStringValue();
  if (signature === undefined) return fieldsOf(struct, path, secret, secrets);
  const unwrap = (name: string, isSecret: boolean): PropertyValue | undefined => {
    if (isSecret && !secret) secrets.push(path);
    const inner = fields.get(name);
    return inner && plainOf(inner, path, secret || isSecret, secrets);
  };
  switch (signature) {
    case signatures.secret:
      return fields.has('value') ? (unwrap('value', true) ?? null) : null;
    case signatures.outputValue:
      return unwrap('value', fields.get('secret')?.getBoolValue() === true) ?? (fields.has('value') ? null : unknown);
    case signatures.resourceReference: {
      if (!fields.has('id')) {
        const urn = fields.get('urn')?.getStringValue();
        return urn === undefined || unknownStrings.has(urn) ? unknown : urn;
      }
      const id = unwrap('id', false);
      return id === '' || id === null || id === undefined ? unknown : id;
    }
    default:
      throw new Error(`not made here: ${signature}`);
  }
}
