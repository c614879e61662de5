import structs from 'google-protobuf/google/protobuf/struct_pb.js';
import { signatureKey, signatures } from '../../provider/plugin/sentinels.ts';

/** Wire data as the engine sends it: plain values, with marks as the objects they are. Unlike the product, unguarded. */
export function toStruct(value: Readonly<Record<string, unknown>>): structs.Struct {
  const struct = new structs.Struct();
  for (const [key, item] of Object.entries(value)) struct.getFieldsMap().set(key, toValue(item));
  return struct;
}

function toValue(value: unknown): structs.Value {
  const out = new structs.Value();
  if (value === null || value === undefined) return out.setNullValue(structs.NullValue.NULL_VALUE);
  if (typeof value === 'string') return out.setStringValue(value);
  if (typeof value === 'number') return out.setNumberValue(value);
  if (typeof value === 'boolean') return out.setBoolValue(value);
  if (Array.isArray(value)) return out.setListValue(new structs.ListValue().setValuesList(value.map(toValue)));
  return out.setStructValue(toStruct(value as Record<string, unknown>));
}

/** Wire data as plain JSON, marks and all. */
export function fromStruct(struct: structs.Struct | undefined): Record<string, unknown> | undefined {
  return struct && (struct.toJavaScript() as Record<string, unknown>);
}

export const secret = (value: unknown) => ({ [signatureKey]: signatures.secret, value });
