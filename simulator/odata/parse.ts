import { ODataError } from '../errors.ts';
import type { Ticks } from '../time.ts';
import { type Token, tokenize } from './tokens.ts';

export type ComparisonOperator = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';
export type TextFunction = 'startswith' | 'endswith' | 'contains';

export type Literal =
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'datetime'; readonly value: Ticks }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' };

export type Expression =
  | Literal
  | { readonly kind: 'property'; readonly name: string }
  | { readonly kind: 'all-of' | 'any-of'; readonly operands: readonly Expression[] }
  | { readonly kind: 'not'; readonly operand: Expression }
  | {
      readonly kind: 'compare';
      readonly operator: ComparisonOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'in'; readonly operand: Expression; readonly choices: readonly Literal[] }
  | { readonly kind: 'call'; readonly name: TextFunction; readonly text: Expression; readonly part: Expression }
  | {
      readonly kind: 'lambda';
      readonly quantifier: 'any' | 'all';
      readonly collection: string;
      readonly variable: string | undefined;
      readonly condition: Expression | undefined;
    };

/** How deep parentheses and `not` may nest; a deeper query is refused, not allowed to exhaust the stack. */
export const deepestNesting = 100;

const comparisons: ReadonlySet<string> = new Set(['eq', 'ne', 'gt', 'ge', 'lt', 'le']);
const functions: ReadonlySet<string> = new Set(['startswith', 'endswith', 'contains']);

/** Parses a `$filter`: `or` binds weakest, then `and`, `not`, and the comparisons. Throws an ODataError. */
export function parseFilter(text: string): Expression {
  const parser = new FilterParser(text);
  return parser.parse();
}

class FilterParser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #index = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text);
  }

  parse(): Expression {
    const expression = this.#anyOf();
    if (this.#peek().kind !== 'end') throw this.#syntaxError();
    return expression;
  }

  #anyOf(): Expression {
    return this.#chain('or', 'any-of', () => this.#allOf());
  }

  #allOf(): Expression {
    return this.#chain('and', 'all-of', () => this.#unary());
  }

  #chain(word: string, kind: 'all-of' | 'any-of', operand: () => Expression): Expression {
    const first = operand();
    if (!this.#isWord(word)) return first;
    const operands = [first];
    while (this.#takeWord(word)) operands.push(operand());
    return { kind, operands };
  }

  #unary(): Expression {
    if (!this.#isWord('not')) return this.#comparison();
    return this.#nested(() => {
      this.#index += 1;
      return { kind: 'not', operand: this.#unary() };
    });
  }

  #comparison(): Expression {
    const left = this.#operand();
    const token = this.#peek();
    if (token.kind !== 'word') return left;
    const operator = token.text.toLowerCase();
    if (comparisons.has(operator)) {
      this.#index += 1;
      return { kind: 'compare', operator: operator as ComparisonOperator, left, right: this.#operand() };
    }
    if (operator === 'in') {
      this.#index += 1;
      return { kind: 'in', operand: left, choices: this.#choices() };
    }
    return left;
  }

  #choices(): readonly Literal[] {
    this.#expect('(');
    const choices: Literal[] = [];
    do {
      const literal = this.#literal();
      if (literal === undefined) throw this.#syntaxError();
      choices.push(literal);
    } while (this.#takeMark(','));
    this.#expect(')');
    return choices;
  }

  #operand(): Expression {
    if (this.#takeMark('(')) {
      return this.#nested(() => {
        const inner = this.#anyOf();
        this.#expect(')');
        return inner;
      });
    }
    const literal = this.#literal();
    if (literal !== undefined) return literal;
    const token = this.#peek();
    if (token.kind !== 'word') throw this.#syntaxError();
    this.#index += 1;
    if (this.#isMark('(')) return this.#call(token.text);
    if (this.#takeMark('/')) return this.#lambda(token.text);
    return { kind: 'property', name: token.text };
  }

  #call(name: string): Expression {
    const lower = name.toLowerCase();
    if (!functions.has(lower)) throw new ODataError(`An unknown function with name '${name}' was found.`);
    return this.#nested(() => {
      this.#expect('(');
      const text = this.#operand();
      this.#expect(',');
      const part = this.#operand();
      this.#expect(')');
      return { kind: 'call', name: lower as TextFunction, text, part };
    });
  }

  #lambda(collection: string): Expression {
    const token = this.#peek();
    const quantifier = token.kind === 'word' ? token.text.toLowerCase() : '';
    if (token.kind !== 'word' || (quantifier !== 'any' && quantifier !== 'all')) throw this.#syntaxError();
    this.#index += 1;
    return this.#nested(() => {
      this.#expect('(');
      if (this.#takeMark(')')) {
        return { kind: 'lambda', quantifier, collection, variable: undefined, condition: undefined };
      }
      const variable = this.#peek();
      if (variable.kind !== 'word') throw this.#syntaxError();
      this.#index += 1;
      this.#expect(':');
      const condition = this.#anyOf();
      this.#expect(')');
      return { kind: 'lambda', quantifier, collection, variable: variable.text, condition };
    });
  }

  #literal(): Literal | undefined {
    const token = this.#peek();
    switch (token.kind) {
      case 'string':
      case 'number':
      case 'datetime':
        this.#index += 1;
        return token;
      case 'word': {
        const word = token.text.toLowerCase();
        if (word !== 'true' && word !== 'false' && word !== 'null') return undefined;
        this.#index += 1;
        return word === 'null' ? { kind: 'null' } : { kind: 'boolean', value: word === 'true' };
      }
      default:
        return undefined;
    }
  }

  #nested<T>(parse: () => T): T {
    if (this.#depth >= deepestNesting) throw new ODataError('The recursion limit of the expression has been exceeded.');
    this.#depth += 1;
    const result = parse();
    this.#depth -= 1;
    return result;
  }

  #peek(): Token {
    return this.#tokens[this.#index] ?? { kind: 'end', at: this.#text.length };
  }

  #isWord(text: string): boolean {
    const token = this.#peek();
    return token.kind === 'word' && token.text.toLowerCase() === text;
  }

  #takeWord(text: string): boolean {
    const found = this.#isWord(text);
    if (found) this.#index += 1;
    return found;
  }

  #isMark(text: string): boolean {
    const token = this.#peek();
    return token.kind === 'mark' && token.text === text;
  }

  #takeMark(text: string): boolean {
    const found = this.#isMark(text);
    if (found) this.#index += 1;
    return found;
  }

  #expect(mark: string): void {
    if (!this.#takeMark(mark)) throw this.#syntaxError();
  }

  #syntaxError(): ODataError {
    return new ODataError(`Syntax error at position ${this.#peek().at} in '${this.#text}'.`);
  }
}
