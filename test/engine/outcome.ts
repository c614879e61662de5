import { expect } from 'chai';
import type { EngineRun } from '../../tools/engine-env.ts';
import { shown } from './world.ts';

/** The run ended well. Answers what a person saw. */
export function succeeded(run: EngineRun): string {
  const text = shown(run);
  expect(run.code, text).to.equal(0);
  return text;
}

/** The run ended with an exit code that is not 0, by itself. Answers what a person saw. */
export function failed(run: EngineRun): string {
  const text = shown(run);
  expect(run.code, text).to.be.a('number').that.is.greaterThan(0);
  return text;
}

/** The text tells all of it, whatever the line breaks. */
export function tells(text: string, ...words: readonly (string | RegExp)[]): void {
  const line = text.replace(/\s+/g, ' ');
  for (const each of words) {
    if (typeof each === 'string') expect(line, text).to.include(each);
    else expect(line, text).to.match(each);
  }
}

/** The lines about one thing, `wanted` among them. */
export function linesWith(text: string, wanted: string): readonly string[] {
  return text.split('\n').filter((line) => line.includes(wanted));
}
