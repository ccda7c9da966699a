/** Something that set-up could not provide: what was tried, and what the user can do. */
export class Missing extends Error {
  /**
   * @param {string} what a sentence
   * @param {{ tried?: readonly string[], todo: string }} more
   */
  constructor(what, { tried = [], todo }) {
    super([what, ...tried.map((each) => `  tried: ${each}`), `  do: ${todo}`].join('\n'));
    this.name = 'Missing';
  }
}
