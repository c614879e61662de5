import type { PropertyPath } from '../property-path.ts';
import type { Redaction } from '../redaction.ts';
import type { PropertyMap } from '../resources/resource.ts';
import type { Decoded } from './decode.ts';
import { encodeStruct } from './encode.ts';
import { type PackageSchema, propertyNames, secretNames } from './package-schema.ts';
import { secretPaths } from './secret-paths.ts';

/** One property map of an answer, ready to be sent, and what had to be left out of it. */
export interface Answer {
  /** A google.protobuf.Struct as it goes over the wire. */
  readonly struct: Uint8Array;
  readonly problems: readonly string[];
}

export interface AnswerOptions {
  /** The resource's token; its schema says what is always secret. */
  readonly token: string;
  /** What the request held: secrets there are secrets here. */
  readonly from: readonly (Decoded | undefined)[];
  readonly unknowns: boolean;
  /** As secretPaths has it. */
  readonly reshapes?: boolean;
}

/** Turns property maps into answers with their secrets wrapped: the engine leaves that to a provider that takes secrets. */
export class Answers {
  readonly #schema: PackageSchema;
  readonly #redaction: Redaction;
  readonly #names: ReadonlySet<string>;

  constructor(schema: PackageSchema, redaction: Redaction) {
    this.#schema = schema;
    this.#names = propertyNames(schema);
    this.#redaction = redaction;
  }

  /** Remembers the secrets of a request, so that no message repeats them. */
  learn(decoded: Decoded): void {
    for (const path of decoded.secrets) {
      const value = valueAt(decoded.value, path);
      this.#redaction.add(value);
      this.#learnKeys(value);
    }
  }

  /** What a secret map is keyed by is part of the secret: the hosts of a set by their names. */
  #learnKeys(value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (!Array.isArray(value) && !this.#names.has(key)) this.#redaction.add(key);
      this.#learnKeys(inner);
    }
  }

  encode(map: PropertyMap, options: AnswerOptions): Answer {
    const names = secretNames(this.#schema, options.token);
    // What is secret by schema is often new here: no later message repeats it.
    for (const name of names) this.#redaction.add(map[name]);
    const secrets = secretPaths(map, {
      paths: options.from.flatMap((decoded): readonly PropertyPath[] => decoded?.secrets ?? []),
      names,
      reshapes: options.reshapes,
      touches: (text) => this.#redaction.touches(text),
    });
    return encodeStruct(map, { secrets, unknowns: options.unknowns });
  }

  /** Whether the value of this property may be shown: the engine echoes it beside a failed check. */
  isSecret(property: string, options: Pick<AnswerOptions, 'token' | 'from'>): boolean {
    return (
      secretNames(this.#schema, options.token).has(property) ||
      options.from.some((decoded) => decoded?.secrets.some((path) => path[0] === property))
    );
  }
}

function valueAt(map: PropertyMap, path: PropertyPath): unknown {
  let here: unknown = map;
  for (const part of path) here = (here as Record<string | number, unknown> | undefined)?.[part];
  return here;
}
