/** A promise that does not hold; its message begins with the invariant's name. */
export class Broken extends Error {}
