/** Where a command's words go, and what its paths are relative to. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  readonly directory: string;
}

export interface CommandInput {
  readonly root: string;
  readonly directory: string;
  readonly parameters: readonly string[];
}

export interface CommandResult {
  /** False: exit code 1. */
  readonly ok: boolean;
  readonly text: string;
  /** The same for programs. */
  readonly data: unknown;
}

export type Command = (input: CommandInput) => Promise<CommandResult>;

/** Ends the program with a message for a person. */
export class CommandFailure extends Error {
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.name = 'CommandFailure';
    this.exitCode = exitCode;
  }
}
