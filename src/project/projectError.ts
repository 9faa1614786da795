/** What can go wrong with a whole project; one file that cannot be read is not an error. */
export type ProjectErrorCode = 'PROJECT_FOLDER_MISSING' | 'PROJECT_PATH_INVALID';

/** A fault of the project folders, with a code that stays the same between releases. */
export class ProjectError extends Error {
  readonly code: ProjectErrorCode;

  constructor(code: ProjectErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ProjectError';
    this.code = code;
  }
}
