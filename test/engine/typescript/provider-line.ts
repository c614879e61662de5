import { expect } from 'chai';
import type { TypeScriptStack } from './stack.ts';

/**
 * What lands in state as `__provider`, from a linked package and from an installed one, in every release: states that
 * exist run it to refresh and delete, so this line is never changed.
 */
const goldenLine = 'exports.handler = () => require("pulumi-mde/dynamic-provider");';

/** Holds a real state against the golden line, and looks for code and credentials in all of it. */
export async function holdsTheProviderLine(
  stack: TypeScriptStack,
  secrets: readonly string[],
  of: 'isolations' | 'quarantines' = 'isolations',
): Promise<void> {
  const resources = await stack[of]();
  expect(resources).to.have.length(1);
  for (const { inputs, outputs } of resources) {
    expect([inputs?.__provider, outputs?.__provider]).to.deep.equal([goldenLine, goldenLine]);
  }
  const text = await stack.stateText();
  for (const secret of secrets) expect(text).not.to.include(secret);
  const rest = text.replaceAll(JSON.stringify(goldenLine), '""');
  expect(rest).not.to.match(/require\(|exports\.|=>|function\s*\(/);
}
