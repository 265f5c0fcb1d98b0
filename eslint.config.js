import tseslint from 'typescript-eslint'

export default tseslint.config(
  { ignores: ['node_modules', 'drizzle', 'dist', 'coverage', 'reports', '.data', '**/*.js'] },
  ...tseslint.configs.strict,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-invalid-void-type': 'off',
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      'max-lines': ['error', { max: 400 }],
      'no-console': 'error',
    },
  },
  {
    files: ['test/**', 'bench/**', 'examples/**'],
    rules: {
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      'max-lines': ['error', { max: 600 }],
    },
  },
  {
    files: ['src/core/**', 'src/ports/**', 'src/usecases/**'],
    rules: {
      '@typescript-eslint/consistent-type-assertions': [
        'error',
        { assertionStyle: 'as', objectLiteralTypeAssertions: 'never' },
      ],
    },
  },
  { files: ['src/adapters/db/schema*.ts', 'src/client/api.ts'], rules: { 'max-lines': 'off' } },
  {
    files: [
      'src/cli.ts',
      'src/main.ts',
      'src/demo/**',
      'src/simulator/main.ts',
      'bench/**',
      'examples/**',
      'test/support/**',
      'test/mutants/**',
      'test/simulation/soak.ts',
    ],
    rules: { 'no-console': 'off' },
  },
)
