/**
 * The layers of the source and who may import whom. ESLint enforces them (`eslint.config.mjs`), a test proves that it does.
 *
 *     base ← protocol, syntax ← cache, project, models ← engine        base, protocol ← client ← extension        media: the webview side
 */
import boundaries from 'eslint-plugin-boundaries';

/** layer → the layers it may import besides itself. Nothing points up, so there can be no cycle between layers. */
export const allowedImports = {
  base: [],
  protocol: ['base'],
  cache: ['base', 'protocol', 'native'],
  syntax: ['base'],
  project: ['base', 'protocol', 'syntax'],
  models: ['base', 'protocol'],
  engine: ['base', 'protocol', 'rendezvous', 'cache', 'project', 'syntax', 'models', 'native'],
  rendezvous: ['base', 'protocol'],
  client: ['base', 'protocol', 'rendezvous'],
  extension: ['base', 'protocol', 'rendezvous', 'client'],
  media: ['base', 'webviewProtocol'],
};

/** package → the only layers that may import it. */
export const restrictedPackages = {
  vscode: ['extension'],
  'node-llama-cpp': ['engine', 'models'],
  '@vscode/tree-sitter-wasm': ['syntax'],
};

const sourceLayers = Object.keys(allowedImports).filter((layer) => layer !== 'media');

/** The whole path must match: `src/engine/native` is not the layer `native`. */
function element(type, folder) {
  return { type, pattern: `${folder}/**`, partialMatch: false };
}

const elements = [
  ...sourceLayers.map((layer) => element(layer, `src/${layer}`)),
  element('media', 'media'),
  element('native', 'native'),
];

const files = [
  {
    category: 'webviewProtocol',
    pattern: ['src/extension/**/*rotocol.ts', 'src/extension/**/shared/*.ts'],
  },
];

function allowPolicy([layer, targets]) {
  return {
    from: { element: { type: layer } },
    allow: {
      to: targets
        .concat(layer)
        .map((target) =>
          target === 'webviewProtocol'
            ? { file: { categories: target } }
            : { element: { type: target } },
        ),
    },
  };
}

function packagePolicy([source, layers]) {
  return {
    from: { element: { types: { noneOf: layers } } },
    disallow: { to: { module: { source } } },
  };
}

/** ESLint configuration objects that hold the import rules for a tree rooted at `rootPath`. */
export function layerRules(rootPath) {
  return [
    {
      files: ['src/**/*.ts', 'media/**/*.ts'],
      plugins: { boundaries },
      settings: {
        'boundaries/root-path': rootPath,
        'boundaries/elements': elements,
        'boundaries/files': files,
        'boundaries/dependency-nodes': ['import', 'export', 'dynamic-import', 'require'],
        'import/resolver': { typescript: { alwaysTryTypes: true } },
      },
      rules: {
        'boundaries/dependencies': [
          'error',
          {
            default: 'disallow',
            checkAllOrigins: true,
            policies: [
              { allow: { to: { module: { origin: ['external', 'core'] } } } },
              ...Object.entries(allowedImports).map(allowPolicy),
              ...Object.entries(restrictedPackages).map(packagePolicy),
            ],
          },
        ],
        'boundaries/no-unknown-files': 'error',
      },
    },
  ];
}
