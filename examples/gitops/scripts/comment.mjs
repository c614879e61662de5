// Writes what a pull request would do into its one comment, on GitHub or Azure DevOps; a later push changes the comment.
//
//   node scripts/comment.mjs STATUS.md PREVIEW.txt
//
// GitHub: GITHUB_TOKEN and PULL_REQUEST. Azure DevOps: SYSTEM_ACCESSTOKEN. The rest is what the pipeline itself sets.

import { existsSync, readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

const mark = '<!-- pulumi-mde -->';
/** GitHub takes 65,536 characters; the command line's status takes 60,000 of them at the most. */
const previewLimit = 4_000;
const lineLimit = 1_000;

const env = process.env;
const [statusFile = '', previewFile = ''] = process.argv.slice(2);
const text = body(read(statusFile), read(previewFile));

try {
  console.log(await (env.TF_BUILD === undefined ? commentOnGitHub(text) : commentOnAzureDevOps(text)));
} catch (error) {
  console.error(`The comment could not be written: ${error.message}`);
  process.exitCode = 1;
}

/** @param {string} file */
function read(file) {
  return existsSync(file) ? stripVTControlCharacters(readFileSync(file, 'utf8')).trim() : '';
}

/**
 * The status first, since it leads with what would be released.
 * @param {string} status
 * @param {string} preview
 */
function body(status, preview) {
  const head = status === '' ? '**The state of the hosts could not be read.** The run says why.' : status;
  return [mark, head, ...previewPart(preview), `[The run](${runAddress()})`].join('\n\n');
}

/** @param {string} preview */
function previewPart(preview) {
  if (preview === '') return ['**There is no preview.** The run says why.'];
  // An indented block cannot be closed from within. Its end says what was refused and why.
  const lines = preview.split(/\r\n|\r|\n/).map((line) => `    ${shortened(line)}`);
  let length = 0;
  const first = lines.findLastIndex((line) => {
    length += line.length + 1;
    return length > previewLimit;
  });
  const shown = first < 0 ? lines : ['    … (the run shows all of it)', ...lines.slice(first + 1)];
  return ['<details><summary>pulumi preview</summary>', shown.join('\n'), '</details>'];
}

/**
 * A line that names very many hosts: its beginning says what is wrong, its end how to go on.
 * @param {string} line
 */
function shortened(line) {
  const characters = [...line];
  if (characters.length <= lineLimit) return line;
  return `${characters.slice(0, lineLimit / 2).join('')} … ${characters.slice(-lineLimit / 2).join('')}`;
}

function runAddress() {
  return env.TF_BUILD === undefined
    ? `${env.GITHUB_SERVER_URL}/${env.GITHUB_REPOSITORY}/actions/runs/${env.GITHUB_RUN_ID}`
    : `${env.SYSTEM_COLLECTIONURI}${encodeURIComponent(env.SYSTEM_TEAMPROJECT)}/_build/results?buildId=${env.BUILD_BUILDID}`;
}

/** @param {string} text */
async function commentOnGitHub(text) {
  const call = caller(env.GITHUB_TOKEN, { Accept: 'application/vnd.github+json' });
  const base = `${env.GITHUB_API_URL}/repos/${env.GITHUB_REPOSITORY}/issues`;
  for (let page = 1; ; page += 1) {
    const comments = await call('GET', `${base}/${env.PULL_REQUEST}/comments?per_page=100&page=${page}`);
    const own = comments.find((comment) => comment.user?.type === 'Bot' && comment.body?.startsWith(mark));
    if (own !== undefined) {
      await call('PATCH', `${base}/comments/${own.id}`, { body: text });
      return 'comment changed';
    }
    if (comments.length < 100) break;
  }
  await call('POST', `${base}/${env.PULL_REQUEST}/comments`, { body: text });
  return 'comment written';
}

/** @param {string} text */
async function commentOnAzureDevOps(text) {
  const call = caller(env.SYSTEM_ACCESSTOKEN, {});
  const project = `${env.SYSTEM_COLLECTIONURI}${encodeURIComponent(env.SYSTEM_TEAMPROJECT)}`;
  const threads = `${project}/_apis/git/repositories/${env.BUILD_REPOSITORY_ID}/pullRequests/${env.SYSTEM_PULLREQUEST_PULLREQUESTID}/threads`;
  const version = 'api-version=7.1';
  const { value } = await call('GET', `${threads}?${version}`);
  const own = value.find((thread) => thread.comments?.[0]?.content?.startsWith(mark));
  if (own !== undefined) {
    await call('PATCH', `${threads}/${own.id}/comments/${own.comments[0].id}?${version}`, { content: text });
    return 'comment changed';
  }
  const comments = [{ parentCommentId: 0, content: text, commentType: 'text' }];
  await call('POST', `${threads}?${version}`, { comments, status: 'active' });
  return 'comment written';
}

/**
 * @param {string | undefined} token
 * @param {Record<string, string>} headers
 */
function caller(token, headers) {
  return async (method, url, content) => {
    const response = await fetch(url, {
      method,
      headers: { ...headers, Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      ...(content === undefined ? {} : { body: JSON.stringify(content) }),
      signal: AbortSignal.timeout(30_000),
    });
    if (!response.ok) throw new Error(`${method} ${new URL(url).pathname} was answered with HTTP ${response.status}`);
    return await response.json();
  };
}
