import { Buffer } from 'node:buffer';
import type { Message } from 'google-protobuf';
import { WireReader, WireWriter } from './wire.ts';

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
 * @param unread numbers of fields that nobody here asks for, which are passed over: within a message that a field holds
 *   the generated code goes by whatever length is written there
 */
export function readsStructs<Rest, const Name extends string>(
  type: { deserializeBinary(bytes: Uint8Array): Rest },
  numbers: Numbers<Name>,
  unread: readonly number[] = [],
): (bytes: Uint8Array) => WithStructs<Rest, Name> {
  const names = new Map(Object.entries<number>(numbers).map(([name, field]) => [field, name as Name]));
  return (bytes) => {
    const structs: { [name in Name]?: Uint8Array } = {};
    const rest: Uint8Array[] = [];
    const wire = new WireReader(bytes);
    for (let start = wire.at; wire.next(); start = wire.at) {
      const name = names.get(wire.field);
      if (name === undefined) {
        wire.skip();
        if (!unread.includes(wire.field)) rest.push(bytes.subarray(start, wire.at));
      } else {
        structs[name] = wire.bytes();
      }
    }
    return { message: type.deserializeBinary(Buffer.concat(rest)), structs };
  };
}

/**
 * A message without Structs and without messages in it. The generated code would read a text of four gigabytes where six
 * bytes say that there is one; so lengths are looked at first.
 */
export function readsPlain<Message>(type: {
  deserializeBinary(bytes: Uint8Array): Message;
}): (bytes: Uint8Array) => Message {
  const read = readsStructs(type, {});
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
