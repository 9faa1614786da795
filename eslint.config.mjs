import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { layerRules } from './scripts/lint/layers.mjs';

const root = import.meta.dirname;

export default defineConfig(
  globalIgnores(['dist/', 'build/', 'models/', '.warmfork/', 'test-results/', '**/*.d.ts']),
  {
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: {
      globals: Object.fromEntries(
        ['process', 'console', 'URL', 'module', 'exports', 'require', '__dirname'].map((name) => [
          name,
          'readonly',
        ]),
      ),
    },
    rules: {
      eqeqeq: 'error',
      'no-undef': 'error',
      'no-unused-vars': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['**/*.ts', '**/*.mts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: root } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      // Void returns in arrow bodies and numbers in template strings read well and hide nothing.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // Indexed access is `T | undefined` here; `!` after a check the compiler cannot see is idiomatic.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Classes with private constructors and static factories own resources.
      '@typescript-eslint/no-extraneous-class': 'off',
      // Type parameters of message types (jsonrpc) and small generics read better spelled out.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // An interface method that must be async may have nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      // A type guard against data of another process is not "unnecessary".
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      // What was caught is passed on as it came.
      '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
    },
  },
  ...layerRules(root),
  {
    // Command line programs talk to the terminal.
    files: ['scripts/**', 'bench/**', 'test/**', '*.mjs'],
    rules: { 'no-console': 'off', '@typescript-eslint/no-unnecessary-template-expression': 'off' },
  },
  {
    // Their tool wants a default export.
    files: ['vitest.config.ts', 'scripts/test/vitestReporter.ts'],
    rules: { 'no-restricted-exports': 'off' },
  },
);
