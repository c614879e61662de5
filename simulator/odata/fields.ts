/** What kind of value a field holds. Date-times are compared as ticks. */
export type FieldType = 'string' | 'number' | 'boolean' | 'datetime' | 'strings';

export type FieldValue = string | number | boolean | null | readonly string[];

/** A property of the rows of a list, and what a query may do with it. */
export interface Field<Row> {
  /** As in the rows; queries may write it in any case. */
  readonly name: string;
  readonly type: FieldType;
  readonly filterable: boolean;
  value(row: Row): FieldValue;
}

/** The properties of one kind of row. */
export interface Fields<Row> {
  /** For error texts. */
  readonly typeName: string;
  byName(name: string): Field<Row> | undefined;
}

export function fieldsOf<Row>(typeName: string, fields: readonly Field<Row>[]): Fields<Row> {
  const index = new Map(fields.map((field) => [field.name.toLowerCase(), field]));
  return { typeName, byName: (name) => index.get(name.toLowerCase()) };
}
