import { expect, test } from 'vitest';

import { isSecretPath } from '../../src/project/secretPaths.ts';

test.each([
  ...[
    '.env',
    '.env.local',
    '.env.production.local',
    '.env.example',
    '.envrc',
    'prod.env',
    'env.local',
  ],
  ...['config/.env', 'certs/server.pem', 'server.key', 'AuthKey_1.p8', 'cert.p12', 'cert.pfx'],
  ...['id_rsa', 'id_rsa.pub', 'keys/id_ed25519', 'id_ecdsa_sk', 'deploy.ppk', 'ssh_host_rsa_key'],
  ...['vault.kdbx', 'old.kdb', 'release.jks', 'debug.keystore', 'trust.truststore', 'site.crt'],
  ...['.npmrc', 'packages/a/.npmrc', '.yarnrc.yml', '.netrc', '_netrc', '.pypirc', 'pip.conf'],
  ...['.pgpass', '.my.cnf', '.git-credentials', '.htpasswd', '.dockercfg', '.docker/config.json'],
  ...[
    'credentials',
    'credentials.json',
    'credentials-prod.yaml',
    '.aws/credentials',
    '.aws/config',
  ],
  ...['secrets.yaml', 'secrets.py', 'arduino/secrets.h', 'secret.json', 'k8s/db-secret.yml'],
  ...['my-passwords.txt', 'passwords.csv', 'terraform.tfstate', 'terraform.tfstate.backup'],
  ...['prod.tfvars', 'prod.auto.tfvars.json', 'service-account.json', 'service_account-prod.json'],
  ...['my-service-account-key.json', 'client_secret_123.json', 'x-firebase-adminsdk-1.json'],
  ...[
    'google-services.json',
    'GoogleService-Info.plist',
    '.kube/config',
    'kubeconfig',
    'a.kubeconfig',
  ],
  ...['.ssh/config', '.gnupg/pubring.kbx', 'secret.gpg', 'mail.asc', 'home.ovpn', '.bash_history'],
  ...[
    'local.settings.json',
    'wp-config.php',
    'auth.json',
    '.vault-token',
    '.terraformrc',
    '.s3cfg',
  ],
  ...['secrets/db.txt', 'certs/ca.txt', 'api-keys.json', 'private_key.txt', 'access-tokens.yml'],
  ...['appsettings.Production.json', 'local.properties', 'Nuget.Config', 'config/master.key'],
  ...['SECRETS.YAML', 'Credentials.JSON', 'sub\\dir\\.env', 'ID_RSA', '/abs/path/.env'],
])('%s is a secret', (path) => {
  expect(isSecretPath(path)).toBe(true);
});

test.each([
  ...[
    'README.md',
    'package.json',
    'src/index.ts',
    'src/environment.ts',
    'src/env.ts',
    '.gitignore',
  ],
  ...['src/auth/CredentialsProvider.java', 'src/secretPaths.ts', 'src/secrets/redact.ts'],
  ...[
    'src/passwordReset.tsx',
    'src/tokens/tokenizer.cpp',
    'docs/keyboard.md',
    'src/keys/keymap.ts',
  ],
  ...[
    'app/monkey.py',
    'tests/test_service_account.py',
    'src/keychain.swift',
    'src/access_token.rb',
  ],
  ...['config/settings.json', 'tsconfig.json', 'docker-compose.yml', '.github/workflows/ci.yml'],
  ...['src/process.env.d.ts', 'lib/certs.go', '', 'Dockerfile', '.vscode/settings.json'],
])('%s is not a secret', (path) => {
  expect(isSecretPath(path)).toBe(false);
});
