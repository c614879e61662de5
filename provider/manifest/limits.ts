/**
 * What a manifest may cost at most: above what ten thousand hosts with long comments need (6 Mi characters), and far below
 * what would stop a run.
 */

/** Characters of a text, 8 Mi. */
export const longestText = 8 * 1024 * 1024;
/** Maps and lists within each other; a manifest has four. */
export const deepest = 32;
/** Values, however they are written: ten thousand hosts with every property set are 140,000. */
export const mostValues = 200_000;
/** What a text's reader goes through one by one: words, colons, spaces, line breaks. A value with its key is about eight. */
export const mostPieces = 1_600_000;
/** Values that aliases stand for, again for each time. */
export const mostAliasedValues = 100_000;
