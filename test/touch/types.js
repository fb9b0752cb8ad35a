/** The type check of a copy of the project, again and again: what an edit does not affect is not checked twice. */
import { createHash } from 'node:crypto';
import ts from 'typescript';

export class Types {
  #options;
  #roots;
  #host;
  #checked;
  #files = new Map();

  /** @param roots the files to check with what they import; without them all that test/tsconfig.json includes */
  constructor(folder, roots) {
    const config = ts.getParsedCommandLineOfConfigFile(
      `${folder}test/tsconfig.json`,
      {},
      {
        ...ts.sys,
        onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
          throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
        },
      },
    );
    this.#options = config.options;
    this.#roots = roots?.map((file) => folder + file) ?? config.fileNames;
    this.#host = {
      ...ts.createCompilerHost(config.options),
      getSourceFile: (path, how) => this.#fileAt(path, how),
      // A file may have come or gone.
      hasInvalidatedResolutions: () => true,
    };
  }

  /** The errors as `FILE: MESSAGE`, of all files or of these. */
  errors(folder, only) {
    const { createSemanticDiagnosticsBuilderProgram: build } = ts;
    this.#checked = build(this.#roots, this.#options, this.#host, this.#checked);
    const files = only?.map((file) => this.#checked.getSourceFile(folder + file)) ?? [undefined];
    return files
      .flatMap((file) => [
        ...this.#checked.getSyntacticDiagnostics(file),
        ...this.#checked.getSemanticDiagnostics(file),
      ])
      .map(({ file, messageText }) => {
        const message = ts.flattenDiagnosticMessageText(messageText, ' ');
        return `${file?.fileName.replace(folder, '') ?? ''}: ${message}`;
      });
  }

  #fileAt(path, how) {
    const text = ts.sys.readFile(path);
    if (text === undefined) return undefined;
    const known = this.#files.get(path);
    if (known?.text === text) return known;
    const file = ts.createSourceFile(path, text, how);
    file.version = createHash('sha256').update(text).digest('hex');
    this.#files.set(path, file);
    return file;
  }
}
