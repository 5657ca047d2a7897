import { errorCodes } from './generated/describe.js';

export type ErrorCode = keyof typeof errorCodes;

/** What the engine and the functions around it throw. `code` is stable; `message` is for people. */
export class NarrowcastError extends Error {
  override readonly name = 'NarrowcastError';
  readonly code: ErrorCode;
  /** The code's pinned number. */
  readonly number: number;
  /** The node, tensor, file or byte it is about; empty when it is about the whole request. */
  readonly where: string;

  constructor(code: ErrorCode, message: string, where = '', options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.number = errorCodes[code];
    this.where = where;
  }
}
