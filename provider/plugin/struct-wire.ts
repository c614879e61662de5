/** Numbers of the fields of google.protobuf.Struct and what it is made of: google/protobuf/struct.proto. */
export const structFields = { entry: 1 } as const;
export const entryFields = { key: 1, value: 2 } as const;
export const listFields = { item: 1 } as const;
export const valueFields = { null: 1, number: 2, text: 3, bool: 4, struct: 5, list: 6 } as const;
