import { createContext, runInContext } from 'node:vm';

/** What an expression of a workflow may name: contexts and functions. */
export type Contexts = Readonly<Record<string, unknown>>;

const statusFunction = /\b(success|failure|always|cancelled)\(\)/;

/**
 * The value of an expression, as GitHub would find it. Those of the examples (lookups, texts, `||`, `&&`, `!`, `==`, `!=`,
 * calls) mean the same in JavaScript.
 */
export function evaluate(expression: string, contexts: Contexts): unknown {
  const functions = { startsWith: (text: unknown, start: string) => String(text ?? '').startsWith(start) };
  return runInContext(expression, createContext({ ...functions, ...contexts }));
}

/** A text with its `${{ }}` filled in. */
export function filled(text: unknown, contexts: Contexts): string {
  return String(text ?? '').replace(/\$\{\{(.*?)\}\}/g, (_, inner: string) => String(evaluate(inner, contexts) ?? ''));
}

/** Whether an `if:` lets its step or job run. Without a status function, GitHub puts `success() &&` before it. */
export function isLetThrough(condition: unknown, contexts: Contexts): boolean {
  if (condition === undefined) return Boolean(evaluate('success()', contexts));
  const inner = String(condition).replace(/^\s*\$\{\{(.*)\}\}\s*$/s, '$1');
  return Boolean(evaluate(statusFunction.test(inner) ? inner : `success() && (${inner})`, contexts));
}
