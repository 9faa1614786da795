/**
 * Secrets made up for the tests. Each is put together from parts, so that no scanner takes this
 * file for a leak; `needle` is what must not be seen afterwards.
 */
export interface PlantedSecret {
  readonly line: string;
  readonly needle: string;
}

const hex = 'f3a91c07be5d2846';
const mixed = 'q7Rz0LmX2vKe9TbW4sYc8NdJ1hUg5PfA';

function inside(before: string, needle: string, after = ''): PlantedSecret {
  return { line: before + needle + after, needle };
}

/** Recognisable in any file. */
export const anywhere: readonly PlantedSecret[] = [
  inside('const id = "', `AKIA${'Q3EGR7ZK2MNBV5XD'}`, '";'),
  inside('aws_secret_access_key = ', `wJalrXUtnFEMI/K7MDENG/${'bPxRfiCYzQ4uVtN8aB'}`),
  inside('git clone https://', `ghp_${mixed}abcd`, '@github.com/a/b'),
  inside('# ', `github_pat_${mixed}_${mixed}`),
  inside('GITLAB: ', `glpat-${mixed.slice(0, 20)}`),
  inside('post("', `xoxb-123456789012-${mixed.slice(0, 24)}`, '")'),
  inside('url = "', `https://hooks.slack.com/services/T00/B00/${mixed.slice(0, 24)}`, '"'),
  inside('Stripe.key = "', `sk_live_${mixed.slice(0, 24)}`, '"'),
  inside('openai.key("', `sk-proj-${mixed}${mixed}`, '")'),
  inside('anthropic: ', `sk-ant-api03-${mixed}${mixed}-AA`),
  inside('maps?', `AIza${'SyB'}${mixed}`, '&libraries=places'),
  inside('hub login ', `hf_${mixed}ab`),
  inside('//registry/:_authToken=', `npm_${mixed}abcd`),
  inside('upload ', `pypi-AgEIcHlwaS5vcmc${mixed}${mixed}`),
  inside('mail("', `SG.${mixed.slice(0, 22)}.${mixed}${mixed.slice(0, 11)}`, '")'),
  inside('twilio ', `SK${hex}${hex}`),
  inside('bot ', `123456789:AA${mixed}x`),
  inside('jwt = "', `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.${mixed}`, '"'),
  inside('do ', `dop_v1_${hex}${hex}${hex}${hex}`),
  inside('vault ', `hvs.${mixed}`),
  inside('AccountName=x;AccountKey=', `${mixed}${mixed}==`, ';EndpointSuffix=y'),
  inside('postgres://admin:', 'tr0ub4dor', '@db.example.org/app'),
  inside('curl -H "Authorization: Bearer ', `${mixed.slice(0, 24)}`, '"'),
  inside('const password = "', 'correcthorse', '";'),
  inside("  password: '", 'Winter2019!', "',"),
  inside('"db_password": "', 'hunter2hunter', '",'),
  inside('const dbPassword: string = `', 'swordfish', '`;'),
  inside("'secret' => '", 'opensesame', "',"),
  inside('client_secret="', `${mixed.slice(0, 18)}`, '"'),
  inside('api_key = "', 'k3y4cc3ss99', '"'),
  inside('String token = "', `${hex}`, '";'),
  inside('DB_PASSWORD=', 'letmeinplease'),
  inside('export API_TOKEN=', `${hex}`),
  inside('ENV SECRET_KEY_BASE=', 'justletters'),
  inside('  password: ', 'Sommer2020'),
  inside("define('DB_PASSWORD', '", 'blaublau', "');"),
  inside('<password>', 'geheim-1', '</password>'),
  inside('mysql --password=', 'abc12345', ' --host db'),
  inside('deploy --token ', `${hex}`, ' now'),
  inside('const digest = "', `${hex}${hex}${hex}${hex}`, '";'),
  inside('blob: "', `${mixed}${mixed.slice(0, 10)}`, '"'),
  inside('AGE ', `AGE-SECRET-KEY-1${'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L'}${'QPZRY9X8GF'}`),
];

/** Recognisable only where nothing but values can stand. */
export const inDataFiles: readonly PlantedSecret[] = [
  inside('password: ', 'correcthorse'),
  inside('spring.datasource.password=', 'batterystaple'),
  inside('passwd = ', 'staple'),
];

/** Private keys of several kinds, whole, cut off, and written into a string. */
export const keyBlocks: readonly PlantedSecret[] = [
  'RSA ',
  'EC ',
  'OPENSSH ',
  'ENCRYPTED ',
  '',
].map((kind) => ({
  line: [
    `-----BEGIN ${kind}PRIVATE KEY-----`,
    `MIIE${mixed}${mixed}`,
    'shortlastline==',
    `-----END ${kind}PRIVATE KEY-----`,
  ].join('\n'),
  needle: 'shortlastline',
}));

export const cutOffKey: PlantedSecret = {
  line: `-----BEGIN RSA PRIVATE KEY-----\nMIIE${mixed}${mixed}\n${mixed}${mixed}`,
  needle: mixed,
};

export const inlineKey: PlantedSecret = inside(
  'const key = "-----BEGIN PRIVATE KEY-----\\n',
  `MIIE${mixed}\\nabc`,
  '\\n-----END PRIVATE KEY-----";',
);
