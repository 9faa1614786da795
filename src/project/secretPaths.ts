/**
 * Whether a file is one that people keep secrets in, judged by its path alone.
 *
 * Such files are never in a prompt, neither as project context nor as the document being completed.
 * `path` should be relative to the workspace (folders above it would be judged too); both kinds of
 * slashes are understood and letter case does not matter.
 */
export function isSecretPath(path: string): boolean {
  const parts = path.toLowerCase().split(/[\\/]+/u);
  const name = parts.pop() ?? '';
  if (parts.some((dir) => SECRET_DIRECTORIES.has(dir))) return true;
  if (SECRET_NAMES.has(name)) return true;
  if (SECRET_PATTERNS.some((pattern) => pattern.test(name))) return true;
  if (isCode(name)) return false;
  return DATA_PATTERNS.some((pattern) => pattern.test(name)) || parts.some(isVaultDirectory);
}

/** Whether a folder holds nothing but secrets, so that it need not be looked into. */
export function isSecretDirectory(name: string): boolean {
  return SECRET_DIRECTORIES.has(name.toLowerCase());
}

/** Folders of credential stores: everything below is secret. */
const SECRET_DIRECTORIES: ReadonlySet<string> = new Set([
  ...['.ssh', '.gnupg', '.gpg', '.aws', '.azure', '.gcp', '.gcloud', '.kube', '.docker'],
  ...['.secrets', '.secret', '.private', '.credentials', '.password-store', '.vault', '.certs'],
  ...['.env', '.op', '.m2', '.gem', '.chef', '.terraform', '.terraform.d', '.pki', '.keys'],
]);

/** Folders whose data files are secret while source files in them are ordinary. */
function isVaultDirectory(name: string): boolean {
  return /^(?:secrets?|credentials?|private[-_]?keys?|keys|certs|certificates|keystores?)$/u.test(
    name,
  );
}

const SECRET_NAMES: ReadonlySet<string> = new Set([
  ...['.npmrc', '.netrc', '_netrc', '.pypirc', '.pgpass', 'pgpass.conf', '.my.cnf', '.mylogin.cnf'],
  ...['.git-credentials', '.gitcookies', '.dockercfg', '.dockerconfigjson', '.htpasswd', '.s3cfg'],
  ...['.boto', '.vault-token', '.terraformrc', 'terraform.rc', 'pip.conf', 'pip.ini', '.curlrc'],
  ...['auth.json', 'htpasswd', 'passwd', 'shadow', '.rhosts', '.shosts', '.wgetrc', '.condarc'],
  ...['.ftpconfig', 'sftp-config.json', 'sftp.json', '.remote-sync.json', 'filezilla.xml'],
  ...['sitemanager.xml', 'recentservers.xml', '.esmtprc', '.msmtprc', '.fetchmailrc', '.muttrc'],
  ...['nuget.config', 'local.settings.json', 'google-services.json', 'googleservice-info.plist'],
  ...['wp-config.php', 'localsettings.php', 'secret_token.rb', 'secret_key_base', 'knife.rb'],
  ...['local.properties', 'keystore.properties', 'key.properties', 'signing.properties'],
  ...['hosts.yml', 'kubeconfig', 'token', 'tokens', '.token', 'apikey', 'api_key', '.apikey'],
  ...['password', 'passwords', '.password', '.pass', '.passwd', 'master.key', '.databrickscfg'],
  ...['.sentryclirc', '.gist', '.jupyter_token', '.huggingface', '.netlify', '.ngrok', 'ngrok.yml'],
]);

/** Secret whatever the file's kind. */
const SECRET_PATTERNS: readonly RegExp[] = [
  /^\.env/u, // .env, .env.local, .envrc, and examples too: people put real values in those
  /\.env$/u,
  /^env\.(?:local|prod|production|dev|development|staging|test)$/u,
  /\.(?:pem|key|p8|p12|pfx|p7b|p7c|pkcs12|pkcs8|crt|cer|cert|der|csr|ppk|jks|jceks|bks|keystore)$/u,
  /\.(?:truststore|kdb|kdbx|agilekeychain|opvault|1pif|1pux|psafe3|keychain|keychain-db)$/u,
  /\.(?:gpg|pgp|asc|age|sops|ovpn|rdp|mobileprovision|provisionprofile|publishsettings|snk)$/u,
  /\.(?:secret|secrets|token|credentials|passwd|htpasswd|kubeconfig|vault|authtoken|pwd)$/u,
  /\.tfstate(?:\.|$)/u,
  /\.tfvars(?:\.json)?$/u,
  /^(?:id|ssh)[-_](?:rsa|dsa|ecdsa|ed25519|xmss)/u, // with the _sk, .pub and .bak variants
  /^ssh_host_.*key/u,
  /^\.yarnrc/u,
  /^(?:my\.)?secrets?\./u, // secrets.h and secrets.py are where small devices keep theirs
  /^credentials?(?:[^a-z]|$)/u,
  /^passwords?\./u,
  /^\.[a-z]*_history$/u,
  /^kubeconfig[._-]/u,
  /^client_secrets?/u,
  /^firebase-adminsdk/u,
  /-firebase-adminsdk-/u,
  /postman_environment\.json$/u,
  /^appsettings\..*(?:local|secret|prod).*\.json$/u,
];

/** Secret unless the file is source code, which only talks about such things. */
const DATA_PATTERNS: readonly RegExp[] = [
  /\.env\.[^.]+$/u,
  /^credentials/u,
  /(?:secret|credential|passwor[dt]|passwd|passphrase)/u,
  /(?:^|[^a-z])(?:private|api|access|auth|master|signing|encryption)[-_.]?keys?(?:[^a-z]|$)/u,
  /(?:^|[^a-z])(?:access|auth|api|bearer|refresh)[-_.]?tokens?(?:[^a-z]|$)/u,
  /service[-_.]?account/u,
];

function isCode(name: string): boolean {
  return CODE.test(name) && !/\.(?:json|ya?ml|toml|ini|xml|properties)\.[a-z]+$/u.test(name);
}

const CODE =
  /\.(?:[cm]?[jt]sx?|d\.[cm]?ts|vue|svelte|astro|py|pyi|rb|rs|go|java|kt|kts|scala|groovy|clj|c|cc|cpp|cxx|h|hh|hpp|hxx|m|mm|cs|fs|vb|swift|dart|php|pl|pm|lua|r|jl|ex|exs|erl|hs|ml|mli|elm|nim|zig|sol|sh|bash|zsh|fish|ps1|sql|html?|css|scss|less|md|mdx|rst|proto|graphql|gql|tf|hcl|gradle|cmake)$/u;
