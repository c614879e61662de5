import { ensureGoTool } from './go-tool.mjs';

/**
 * The linter of GitHub workflows, in the release pinned in tools/actionlint.
 * @param {import('./go-tool.mjs').GoToolContext} context
 * @returns {Promise<import('./go-tool.mjs').GoTool>}
 * @throws {import('./failure.mjs').SetupFailure} the build itself failed
 */
export async function ensureActionlint(context) {
  return await ensureGoTool(
    { name: 'actionlint', target: 'tool', sources: ['go.mod', 'go.sum'], takes: 'about half a minute' },
    context,
  );
}
