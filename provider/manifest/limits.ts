/**
 * What a manifest may cost at most: what ten thousand hosts need, each with its id, its name, a long comment and one more
 * property, and no more than a second of one processor, whatever is written in it.
 */

/** Characters of a text, 4 Mi: 420 for each of ten thousand hosts. */
export const longestText = 4 * 1024 * 1024;
/** Lines of a text: ten thousand hosts of five lines each are 50,000, and comments and blank lines may stand between. */
export const mostLines = 120_000;
/** Maps and lists within each other; a manifest has four. */
export const deepest = 32;
/** Values, however they are written: ten thousand hosts with every property set are 140,000. */
export const mostValues = 200_000;
/** What a text's reader goes through one by one: words, colons, spaces, line breaks. A value with its key is eight. */
export const mostPieces = 400_000;
/** What is wrong with a text as YAML; the rest would be told nobody, and each costs as much as a page of it. */
export const mostFaults = 50;
/** Values that aliases stand for, again for each time. */
export const mostAliasedValues = 100_000;
