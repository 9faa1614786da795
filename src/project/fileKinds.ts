/** Why a file or folder is not in the project context. */
export type LeftOutReason =
  | 'ignored'
  | 'files.exclude'
  | 'excluded by setting'
  | 'untrusted workspace'
  | 'secret'
  | 'vendored'
  | 'lock file'
  | 'minified'
  | 'generated'
  | 'binary'
  | 'too large'
  | 'empty'
  | 'symbolic link'
  | 'not a file'
  | 'unreadable'
  | 'unsafe name'
  | 'too many files'
  | 'over budget';

/** Whether a folder holds what tools or other projects put there, judged by its name. */
export function isForeignDirectory(name: string): boolean {
  return FOREIGN_DIRECTORIES.has(name.toLowerCase());
}

/** Why a file is not worth reading, judged by its name; undefined when it may be. */
export function uselessByName(name: string): LeftOutReason | undefined {
  const lower = name.toLowerCase();
  if (LOCK_FILE.test(lower)) return 'lock file';
  if (MINIFIED.test(lower)) return 'minified';
  if (GENERATED.test(lower)) return 'generated';
  return BINARY.test(lower) ? 'binary' : undefined;
}

/** What a file is for: sources come before tests, tests before everything else. */
export type FileRole = 'source' | 'test' | 'other';

/** The role of a file, judged by its path. */
export function roleOf(path: string): FileRole {
  if (!SOURCE.test(path)) return 'other';
  return TEST.test(path) ? 'test' : 'source';
}

// Build outputs (dist, out, target, …) are not here: such names are also used for sources, and
// where they are outputs the ignore files say so.
const FOREIGN_DIRECTORIES: ReadonlySet<string> = new Set([
  ...['.git', '.hg', '.svn', '.jj', '.bzr', 'cvs', '_darcs'],
  ...['node_modules', 'bower_components', 'jspm_packages', 'vendor', 'third_party', 'third-party'],
  ...['thirdparty', '3rdparty', 'pods', 'carthage', 'site-packages', '.yarn', '.pnpm-store'],
  ...[
    '.venv',
    'venv',
    '__pycache__',
    '.tox',
    '.nox',
    '.mypy_cache',
    '.pytest_cache',
    '.ruff_cache',
  ],
  ...['.gradle', '.idea', '.vs', '.next', '.nuxt', '.svelte-kit', '.angular', '.cache', '.turbo'],
  ...['.parcel-cache', '.nyc_output', '.dart_tool', '.bundle', '.eggs', '.ipynb_checkpoints'],
  ...['__generated__', '__snapshots__', '.vscode-test', '.history', '.ds_store', '.warmfork'],
]);

const LOCK_FILE =
  /^(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.ya?ml|packages\.lock\.json|go\.(?:work\.)?sum|gradle\.lockfile|\.package-lock\.json|package\.resolved|cartfile\.resolved|.*\.lockb?|.*\.lock\.(?:json|hcl))$/u;

const MINIFIED = /(?:[.-]min\.(?:[cm]?js|css|html)|\.bundle\.[cm]?js|\.map|\.tsbuildinfo)$/u;

const GENERATED =
  /(?:\.generated\.[a-z]+|[._-]generated\.[a-z]+|\.pb\.(?:go|cc|h)|_pb2(?:_grpc)?\.pyi?|_pb\.(?:js|d\.ts|ts)|\.g\.(?:dart|cs|i\.cs)|\.freezed\.dart|\.designer\.cs|\.snap|\.po|\.pot|\.xlf)$/u;

const BINARY =
  /\.(?:png|jpe?g|gif|bmp|ico|icns|webp|avif|tiff?|psd|ai|svgz?|eps|pdf|docx?|xlsx?|pptx?|odt|ods|odp|key|mp[34]|m4[av]|wav|flac|ogg|webm|mov|avi|mkv|zip|gz|tgz|bz2|xz|zst|7z|rar|tar|jar|war|ear|class|dex|apk|aab|ipa|exe|dll|so|dylib|a|o|obj|lib|pdb|wasm|node|pyc|pyo|pyd|whl|egg|gem|nupkg|vsix|deb|rpm|dmg|iso|img|bin|dat|db|sqlite3?|mdb|parquet|arrow|feather|npy|npz|pkl|pt|pth|onnx|gguf|safetensors|h5|tflite|ttf|otf|woff2?|eot|glb|gltf|fbx|blend|unity|prefab|swf|bak|swp|tmp|log|csv|tsv|jsonl|ndjson)$/u;

const SOURCE =
  /\.(?:[cm]?[jt]sx?|vue|svelte|astro|pyi?|rb|rs|go|java|kts?|scala|groovy|clj[sc]?|c|cc|cpp|cxx|h|hh|hpp|hxx|ipp|cu|cuh|m|mm|cs|fsx?|vb|swift|dart|php|pl|pm|lua|r|jl|exs?|erl|hs|mli?|elm|nim|zig|sol|sh|bash|zsh|fish|ps1|sql|proto|graphql|gql)$/iu;

const TEST =
  /(?:^|\/)(?:tests?|spec|specs|__tests__|__mocks__|testdata|fixtures?|e2e|bench(?:marks?)?|examples?)\/|(?:^|\/)(?:test_[^/]*|conftest\.py)$|[._-](?:test|tests|spec|bench|stories)\.[^/]+$|(?:Test|Tests|Spec)\.[a-z]+$/u;
