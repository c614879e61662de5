import { ODataError } from '../errors.ts';
import type { Field, Fields, FieldType, FieldValue } from './fields.ts';
import type { ComparisonOperator, Expression, Literal, TextFunction } from './parse.ts';

/** Whether text comparisons ignore case. */
export interface CompileOptions {
  readonly ignoreCase: boolean;
}

interface Compiled<Row> {
  readonly type: FieldType | 'null';
  evaluate(row: Row): FieldValue;
  /** Set where the value does not depend on the row. */
  readonly constant?: FieldValue;
}

interface Scope<Row> {
  readonly fields: Fields<Row>;
  readonly ignoreCase: boolean;
  /** A lambda's variable, while its condition is compiled. */
  readonly variable?: { readonly name: string; readonly value: { current: string } };
}

const edmTypes = {
  string: 'Edm.String',
  number: 'Edm.Int32',
  boolean: 'Edm.Boolean',
  datetime: 'Edm.DateTimeOffset',
  strings: 'Collection(Edm.String)',
  null: 'null',
} as const;

const operatorNames = {
  eq: 'Equal',
  ne: 'NotEqual',
  gt: 'GreaterThan',
  ge: 'GreaterThanOrEqual',
  lt: 'LessThan',
  le: 'LessThanOrEqual',
} as const;

/** Turns a parsed `$filter` into a test of one row. Throws an ODataError where names or types are wrong. */
export function compileFilter<Row>(
  expression: Expression,
  fields: Fields<Row>,
  options: CompileOptions,
): (row: Row) => boolean {
  const condition = compileCondition(expression, { fields, ...options });
  return (row) => condition(row) === true;
}

function compileCondition<Row>(expression: Expression, scope: Scope<Row>): (row: Row) => FieldValue {
  const compiled = compile(expression, scope);
  if (compiled.type !== 'boolean')
    throw new ODataError('The $filter expression must evaluate to a single boolean value.');
  return compiled.evaluate;
}

function compile<Row>(expression: Expression, scope: Scope<Row>): Compiled<Row> {
  switch (expression.kind) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'datetime':
    case 'null':
      return compileLiteral(expression, scope);
    case 'property':
      return compileProperty(expression.name, scope);
    case 'all-of': {
      const conditions = expression.operands.map((operand) => compileCondition(operand, scope));
      return { type: 'boolean', evaluate: (row) => conditions.every((condition) => condition(row) === true) };
    }
    case 'any-of': {
      const conditions = expression.operands.map((operand) => compileCondition(operand, scope));
      return { type: 'boolean', evaluate: (row) => conditions.some((condition) => condition(row) === true) };
    }
    case 'not': {
      const condition = compileCondition(expression.operand, scope);
      return { type: 'boolean', evaluate: (row) => condition(row) === false };
    }
    case 'compare':
      return compileComparison(expression.operator, compile(expression.left, scope), compile(expression.right, scope));
    case 'in':
      return compileIn(compile(expression.operand, scope), expression.choices, scope);
    case 'call':
      return compileCall(expression.name, compile(expression.text, scope), compile(expression.part, scope));
    case 'lambda':
      return compileLambda(expression, scope);
  }
}

function compileLiteral<Row>(literal: Literal, { ignoreCase }: Scope<Row>): Compiled<Row> {
  if (literal.kind === 'null') return { type: 'null', evaluate: () => null, constant: null };
  const constant = literal.kind === 'string' && ignoreCase ? literal.value.toLowerCase() : literal.value;
  return { type: literal.kind, evaluate: () => constant, constant };
}

function compileProperty<Row>(name: string, { fields, ignoreCase, variable }: Scope<Row>): Compiled<Row> {
  if (variable !== undefined && name === variable.name) {
    const { value } = variable;
    return { type: 'string', evaluate: () => (ignoreCase ? value.current.toLowerCase() : value.current) };
  }
  const field = filterableField(name, fields);
  if (field.type === 'string' && ignoreCase) {
    return {
      type: 'string',
      evaluate: (row) => {
        const value = field.value(row);
        return typeof value === 'string' ? value.toLowerCase() : value;
      },
    };
  }
  return { type: field.type, evaluate: (row) => field.value(row) };
}

function filterableField<Row>(name: string, fields: Fields<Row>): Field<Row> {
  const field = fields.byName(name);
  if (field === undefined)
    throw new ODataError(`Could not find a property named '${name}' on type '${fields.typeName}'.`);
  if (!field.filterable) throw new ODataError(`The property '${name}' cannot be used in the $filter query option.`);
  return field;
}

function compileComparison<Row>(
  operator: ComparisonOperator,
  left: Compiled<Row>,
  right: Compiled<Row>,
): Compiled<Row> {
  if (!isComparable(left, right)) throw incompatible(left, right, operatorNames[operator]);
  const compare = comparison(operator);
  return { type: 'boolean', evaluate: (row) => compare(left.evaluate(row), right.evaluate(row)) };
}

function isComparable<Row>(left: Compiled<Row>, right: Compiled<Row>): boolean {
  if (left.type === 'strings' || right.type === 'strings') return false;
  return left.type === right.type || left.type === 'null' || right.type === 'null';
}

function incompatible<Row>(left: Compiled<Row>, right: Compiled<Row>, operator: string): ODataError {
  return new ODataError(
    `A binary operator with incompatible types was detected. Found operand types '${edmTypes[left.type]}' and '${edmTypes[right.type]}' for operator kind '${operator}'.`,
  );
}

/** Order with null is never true; (in)equality with null is plain. */
function comparison(operator: ComparisonOperator): (left: FieldValue, right: FieldValue) => boolean {
  switch (operator) {
    case 'eq':
      return (left, right) => left === right;
    case 'ne':
      return (left, right) => left !== right;
    case 'gt':
      return (left, right) => left !== null && right !== null && left > right;
    case 'ge':
      return (left, right) => left !== null && right !== null && left >= right;
    case 'lt':
      return (left, right) => left !== null && right !== null && left < right;
    case 'le':
      return (left, right) => left !== null && right !== null && left <= right;
  }
}

function compileIn<Row>(operand: Compiled<Row>, choices: readonly Literal[], scope: Scope<Row>): Compiled<Row> {
  const compiled = choices.map((choice) => compileLiteral(choice, scope));
  const wrong = compiled.find((choice) => !isComparable(operand, choice));
  if (wrong !== undefined) throw incompatible(operand, wrong, 'In');
  const values = new Set(compiled.map(({ constant }) => constant ?? null));
  return { type: 'boolean', evaluate: (row) => values.has(operand.evaluate(row)) };
}

function compileCall<Row>(name: TextFunction, text: Compiled<Row>, part: Compiled<Row>): Compiled<Row> {
  for (const { type } of [text, part]) {
    if (type !== 'string' && type !== 'null') {
      throw new ODataError(
        `No function signature for the function with name '${name}' matches the specified arguments.`,
      );
    }
  }
  const test = {
    startswith: (whole: string, piece: string) => whole.startsWith(piece),
    endswith: (whole: string, piece: string) => whole.endsWith(piece),
    contains: (whole: string, piece: string) => whole.includes(piece),
  }[name];
  return {
    type: 'boolean',
    evaluate: (row) => {
      const whole = text.evaluate(row);
      const piece = part.evaluate(row);
      return typeof whole === 'string' && typeof piece === 'string' ? test(whole, piece) : null;
    },
  };
}

function compileLambda<Row>(
  { quantifier, collection, variable, condition }: Extract<Expression, { kind: 'lambda' }>,
  scope: Scope<Row>,
): Compiled<Row> {
  const field = filterableField(collection, scope.fields);
  if (field.type !== 'strings')
    throw new ODataError(`'${collection}' is not a collection, so '${quantifier}' cannot be used on it.`);
  const items = (row: Row): readonly string[] => {
    const value = field.value(row);
    return Array.isArray(value) ? value : [];
  };
  if (condition === undefined || variable === undefined) {
    return { type: 'boolean', evaluate: (row) => quantifier === 'all' || items(row).length > 0 };
  }
  const value = { current: '' };
  const test = compileCondition(condition, { ...scope, variable: { name: variable, value } });
  const holds =
    (row: Row) =>
    (item: string): boolean => {
      value.current = item;
      return test(row) === true;
    };
  return {
    type: 'boolean',
    evaluate: (row) => (quantifier === 'any' ? items(row).some(holds(row)) : items(row).every(holds(row))),
  };
}
