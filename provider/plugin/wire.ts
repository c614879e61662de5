import { Buffer, isUtf8 } from 'node:buffer';

/**
 * The wire format of Protocol Buffers, as far as a Struct needs it: https://protobuf.dev/programming-guides/encoding/
 * The generated code reads texts byte by byte into lists of numbers, a hundred bytes of garbage for each byte of a fleet.
 */

export const wireTypes = { varint: 0, fixed64: 1, delimited: 2, fixed32: 5 } as const;

/** Bytes that are no message. Nothing was done yet where a request is one. */
export class DamagedMessage extends Error {
  override readonly name = 'DamagedMessage';
}

/** Goes through one message and the messages within it. Every method throws DamagedMessage rather than leave the bytes. */
export class WireReader {
  readonly #bytes: Buffer;
  #at: number;
  #end: number;
  /** Of the field that `next` came to. */
  field = 0;
  wireType = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#at = 0;
    this.#end = bytes.length;
  }

  /** Where the reader stands. */
  get at(): number {
    return this.#at;
  }

  /** Comes to the next field of this message; false at its end. */
  next(): boolean {
    if (this.#at === this.#end) return false;
    const tag = this.#varint();
    this.wireType = tag % 8;
    this.field = (tag - this.wireType) / 8;
    if (this.field === 0 || this.field > largestField) throw new DamagedMessage('a field has no valid number');
    return true;
  }

  /** As `enter`, for a message within this one whose length stands at a place that `at` told. */
  goTo(at: number): number {
    const outer = this.#end;
    this.#at = at;
    this.#end = this.#length();
    return outer;
  }

  /** Enters the message that the field holds; `leave` with the answer goes back out. */
  enter(): number {
    this.#expect(wireTypes.delimited);
    const outer = this.#end;
    this.#end = this.#length();
    return outer;
  }

  /** To the end of the message that was entered, and of `outer` from then on. */
  leave(outer: number): void {
    this.#at = this.#end;
    this.#end = outer;
  }

  text(): string {
    this.#expect(wireTypes.delimited);
    const end = this.#length();
    const start = this.#at;
    this.#at = end;
    const text = this.#bytes.toString('utf8', start, end);
    // What is no UTF-8 becomes this character; a text may also hold it by right.
    if (text.includes('\ufffd') && !isUtf8(this.#bytes.subarray(start, end)))
      throw new DamagedMessage('a text is not valid UTF-8');
    return text;
  }

  double(): number {
    this.#expect(wireTypes.fixed64);
    return this.#bytes.readDoubleLE(this.#step(8));
  }

  bool(): boolean {
    this.#expect(wireTypes.varint);
    return this.#varint() !== 0;
  }

  /** The message or text that the field holds, as it is: a view, and no copy. */
  bytes(): Uint8Array {
    this.#expect(wireTypes.delimited);
    const end = this.#length();
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }

  /** Passes the field's value. */
  skip(): void {
    switch (this.wireType) {
      case wireTypes.varint:
        this.#varint();
        break;
      case wireTypes.fixed64:
        this.#step(8);
        break;
      case wireTypes.fixed32:
        this.#step(4);
        break;
      case wireTypes.delimited:
        this.#at = this.#length();
        break;
      default:
        // Groups, which the protocol has none of, and what was never defined.
        throw new DamagedMessage(`a field is of the kind ${this.wireType}, which is not read here`);
    }
  }

  #expect(wireType: number): void {
    if (this.wireType !== wireType) throw new DamagedMessage(`field ${this.field} holds another kind of value`);
  }

  /** The end of what begins after the length that stands here. */
  #length(): number {
    const length = this.#varint();
    if (length > this.#end - this.#at) throw new DamagedMessage('it ends too early');
    return this.#at + length;
  }

  #step(length: number): number {
    const start = this.#at;
    if (length > this.#end - start) throw new DamagedMessage('it ends too early');
    this.#at += length;
    return start;
  }

  /** Exact below 2^53, which is more than any tag or length; larger numbers are only ever compared to zero. */
  #varint(): number {
    let value = 0;
    let factor = 1;
    for (let count = 0; count < longestVarint; count++) {
      if (this.#at >= this.#end) throw new DamagedMessage('it ends too early');
      const byte = this.#bytes[this.#at++] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 0x80;
    }
    throw new DamagedMessage('a number is too long');
  }
}

const longestVarint = 10;
const largestField = 2 ** 29 - 1;
const smallest = 1024;

/** Writes one message, and messages within it, into memory that grows. */
export class WireWriter {
  #bytes: Buffer;
  #length = 0;

  /** @param size bytes that it will likely come to: what has to grow leaves its former memory behind */
  constructor(size = 0) {
    this.#bytes = Buffer.allocUnsafe(Math.max(size, smallest));
  }

  /** Where the writer stands; `backTo` forgets what was written since. */
  get at(): number {
    return this.#length;
  }

  backTo(at: number): void {
    this.#length = at;
  }

  /** Begins a message within this one; `close` with the answer ends it. */
  open(field: number): number {
    this.#tag(field, wireTypes.delimited);
    // Most lengths take one byte. Where one takes more, what it counts is moved.
    this.#room(1);
    this.#length += 1;
    return this.#length;
  }

  close(start: number): void {
    const length = this.#length - start;
    const more = sizeOfVarint(length) - 1;
    if (more > 0) {
      this.#room(more);
      this.#bytes.copyWithin(start + more, start, this.#length);
    }
    this.#length = this.#put(length, start - 1) + length;
  }

  /** What stands before a message or text of this many bytes. */
  head(field: number, length: number): void {
    this.#tag(field, wireTypes.delimited);
    this.#varint(length);
  }

  text(field: number, text: string): void {
    const length = Buffer.byteLength(text);
    this.head(field, length);
    this.#room(length);
    this.#length += this.#bytes.write(text, this.#length);
  }

  double(field: number, value: number): void {
    this.#tag(field, wireTypes.fixed64);
    this.#room(8);
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
  }

  varint(field: number, value: number): void {
    this.#tag(field, wireTypes.varint);
    this.#varint(value);
  }

  /** What was written. It shares its memory with the writer, which is not used any more. */
  end(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #tag(field: number, wireType: number): void {
    this.#varint(field * 8 + wireType);
  }

  #varint(value: number): void {
    this.#room(longestVarint);
    this.#length = this.#put(value, this.#length);
  }

  /** Where there is room already. The answer is the place behind it. */
  #put(value: number, at: number): number {
    let here = at;
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#bytes[here++] = (rest % 0x80) + 0x80;
    this.#bytes[here++] = rest;
    return here;
  }

  #room(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#length + more));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}

function sizeOfVarint(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size += 1;
  return size;
}
