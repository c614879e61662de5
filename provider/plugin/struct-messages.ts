import { Buffer } from 'node:buffer';
import type { Message } from 'google-protobuf';
import { WireReader, WireWriter, wireTypes } from './wire.ts';

/** A message of the protocol without its Structs, and those beside it, as they are on the wire. */
export interface WithStructs<Rest, Name extends string> {
  readonly message: Rest;
  /** A message may leave out any of them. */
  readonly structs: { readonly [name in Name]?: Uint8Array | undefined };
}

/** The numbers of a message's fields that are Structs. */
type Numbers<Name extends string> = Readonly<Record<Name, number>>;

/**
 * Throws DamagedMessage, or what the generated code throws, for bytes that are no such message.
 *
 * @param fields numbers of the other fields that are read, all of them texts, numbers or flags; undefined: all there are.
 *   The rest is passed over, since the generated code trusts every length in what it is given, and loses its way in a text
 *   that is no UTF-8: six bytes would keep it busy for a minute
 */
export function readsStructs<Rest, const Name extends string>(
  type: { deserializeBinary(bytes: Uint8Array): Rest },
  numbers: Numbers<Name>,
  fields?: readonly number[],
): (bytes: Uint8Array) => WithStructs<Rest, Name> {
  const names = new Map(Object.entries<number>(numbers).map(([name, field]) => [field, name as Name]));
  return (bytes) => {
    const structs: { [name in Name]?: Uint8Array } = {};
    const rest: Uint8Array[] = [];
    const wire = new WireReader(bytes);
    for (let start = wire.at; wire.next(); start = wire.at) {
      const name = names.get(wire.field);
      if (name !== undefined) {
        structs[name] = wire.bytes();
        continue;
      }
      const isRead = fields === undefined || fields.includes(wire.field);
      if (isRead && wire.wireType === wireTypes.delimited) wire.text();
      else wire.skip();
      if (isRead) rest.push(bytes.subarray(start, wire.at));
    }
    return { message: type.deserializeBinary(Buffer.concat(rest)), structs };
  };
}

/** A message of which only texts, numbers and flags are read, as `readsStructs` reads them. */
export function readsPlain<Message>(
  type: { deserializeBinary(bytes: Uint8Array): Message },
  fields: readonly number[],
): (bytes: Uint8Array) => Message {
  const read = readsStructs(type, {}, fields);
  return (bytes) => read(bytes).message;
}

/** The message's Structs stand behind its other fields: the order of fields means nothing. */
export function writesStructs<const Name extends string>(
  numbers: Numbers<Name>,
): (sent: WithStructs<Message, Name>) => Buffer {
  return ({ message, structs }) => {
    const parts: Uint8Array[] = [message.serializeBinary()];
    for (const [name, field] of Object.entries<number>(numbers)) {
      const struct = structs[name as Name];
      if (struct === undefined) continue;
      parts.push(headOf(field, struct.length), struct);
    }
    return Buffer.concat(parts);
  };
}

function headOf(field: number, length: number): Uint8Array {
  const wire = new WireWriter();
  wire.head(field, length);
  return wire.end();
}
