"""What looks like a secret and what does not: names from real images, with values as people write them."""

from __future__ import annotations

import pytest

from pulumi_stacks.spec.checks.secret_detection import names_secret, secret_fault
from pulumi_stacks.spec.patterns import LONGEST_VALUE

RANDOM = "q7Zk2XvB9mTfLw4HsR1c"
HEX = "9f86d081884c7d659a2feaa0c55ad015"
# A token in two parts, so that no scanner of this repository takes it for one.
TOKENS = [
    "AKIA" + "ABCDEFGHIJKLMNOP",
    "ASIA" + "ABCDEFGHIJKLMNOP",
    "ghp_" + "abcdefghijklmnopqrstuvwxyz0123",
    "github_pat_" + "11ABCDEFG0abcdefghijkl",
    "glpat-" + "abcdefghijklmnopqrst",
    "xoxb-" + "123456789012-abcdefghij",
    "sk_live_" + "abcdefghijklmnop",
    "rk_test_" + "abcdefghijklmnop",
    "AIza" + "SyA1234567890abcdefghijklmnopqrstuv",
    "npm_" + "abcdefghijklmnopqrstuvwxyz0123456789",
    "pypi-AgE" + "IcHlwaS5vcmcCJGE5YzA0",
    "dckr_pat_" + "abcdefghijklmnopqrstu",
    "SG." + "abcdefghijklmnopqrstuv.abcdefghijklmnopqrstuvwxyz",
    "sk-proj-" + "abc123def456ghi789jkl0",
    "sk-ant-api03-" + "abc123def456ghi789jkl0",
    "hf_" + "abcdefghijklmnopqrstuvwxyz0123",
    "hvs." + "abcdefghijklmnopqrstuvwx",
    "123456789:AA" + "abcdefghijklmnopqrstuvwxyz0123456",
    "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxIn0.abcdefghijklmnop",
    "https://hooks.slack.com/services/T" + "00000000/B00000000/abcdefgh",
    "-----BEGIN " + "PRIVATE KEY-----",
    "-----BEGIN OPENSSH " + "PRIVATE KEY-----\nb3BlbnNzaA\n-----END OPENSSH PRIVATE KEY-----\n",
]
FORMS = [
    "Server=db;User Id=sa;Password=Passw0rd!",
    "Server=db;Uid=sa;Pwd=Passw0rd!;",
    'Server=db;Password="Pass;word"',
    "host=db user=app password=hunter2 dbname=x",
    "postgres://me:pw@db/x",
    "redis://:hunter2@cache:6379/0",
    "amqp://guest:guest@rabbit:5672",
    "https://user:hunter2@example.com/x?y=1",
    "app:hunter2@tcp(db:3306)/shop",
    "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA==",
    "Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=abcdefgh12345678",
    f"https://example.com/hook?token={RANDOM}",
    f"https://a.blob.core.windows.net/x?sv=2022&sig={RANDOM}",
    f"Authorization: Bearer {RANDOM}",
    '{"user": "sa", "password": "hunter2"}',
    "[mail]\nuser = app\npassword = hunter2\n",
    "mail:\n  user: app\n  api_key: abc\n",
]
REFUSED = {
    "PASSWORD": ["hunter2", "changeme", "password", "123456", "my pass phrase", "letmein!"],
    "DB_PASSWORD": ["Passw0rd!", RANDOM],
    "PGPASSWORD": ["postgres"],
    "POSTGRES_PASSWORD": ["postgres"],
    "MYSQL_ROOT_PASSWORD": ["root"],
    "MYSQL_PWD": ["root"],
    "REDIS_PASSWORD": ["redis"],
    "RABBITMQ_DEFAULT_PASS": ["guest"],
    "MINIO_ROOT_PASSWORD": ["minioadmin"],
    "GF_SECURITY_ADMIN_PASSWORD": ["admin"],
    "KEYCLOAK_ADMIN_PASSWORD": ["admin"],
    "KC_BOOTSTRAP_ADMIN_PASSWORD": ["admin"],
    "ELASTIC_PASSWORD": ["elastic"],
    "spring.datasource.password": ["hunter2"],
    "Kestrel__Certificates__Default__Password": ["hunter2"],
    "dbPassword": ["hunter2"],
    "SSH_PASSPHRASE": ["correct horse battery staple"],
    "SMTP_PASSWD": ["hunter2"],
    "API_KEY": ["abc", RANDOM],
    "APIKEY": ["abc"],
    "apiKey": ["abc"],
    "API_KEY_2": ["abc"],
    "JWT_SECRET": ["shh"],
    "NEXTAUTH_SECRET": ["shh"],
    "SECRET": ["shh"],
    "OAUTH_CLIENT_SECRET": ["shh"],
    "DJANGO_SECRET_KEY": ["django-insecure-abc"],
    "SECRET_KEY_BASE": ["abc", HEX],
    "RAILS_MASTER_KEY": [HEX],
    "APP_KEY": ["base64:q7Zk2XvB9mTfLw4HsR1cq7Zk2XvB9mTfLw4HsR1c4Hs="],
    "AWS_SECRET_ACCESS_KEY": ["wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"],
    "AWS_ACCESS_KEY_ID": ["AKIA" + "IOSFODNN7EXAMPLE"],
    "ENCRYPTION_KEY": ["abc"],
    "TLS_PRIVATE_KEY": ["abc"],
    "GITHUB_TOKEN": ["abc"],
    "NPM_AUTHTOKEN": ["abc"],
    "REFRESH_TOKEN": [RANDOM],
    "DB_CREDENTIALS": ["sa/hunter2"],
    "PASSWORD_HASH": ["$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW"],
    "TOKEN_SALT": [HEX],
    "LICENSE_KEY": [RANDOM],
}
ACCEPTED = {
    "MAX_TOKENS": ["1", "4096", "128_000"],
    "TOKENIZER": ["cl100k_base", "gpt2"],
    "TOKENIZERS_PARALLELISM": ["false"],
    "TOKEN_TTL": ["15m", "3600", "1d"],
    "PASSWORD_MIN_LENGTH": ["12"],
    "OAUTH_TOKEN_URL": ["https://login.example.com/oauth2/token"],
    "SMTP_PASSWORD_FILE": ["/run/secrets/smtp"],
    "POSTGRES_PASSWORD_FILE": ["/run/secrets/db"],
    "SECRET_NAME": ["smtp-credentials", "prod/shop/db-2024"],
    "SECRET_ARN": ["arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbC123"],
    "API_KEY_HEADER": ["X-Api-Key"],
    "API_KEY_ID": ["main"],
    "TOKEN_AUDIENCE": ["https://api.example.com", "shop-api"],
    "TOKEN_ISSUER": ["https://login.example.com/9f86d081884c7d659a2feaa0c55ad015/v2.0"],
    "TOKEN_TENANT": ["72f988bf-86f1-41af-91ab-2d7cd011db47"],
    "TOKEN_TYPE": ["Bearer"],
    "EOS_TOKEN": ["</s>"],
    "MASK_TOKEN": ["[MASK]"],
    "CSRF_TOKEN_NAME": ["csrf"],
    "PASSWORD": ["", "${DB_PASSWORD}", "<from the vault>", "{{ password }}", "***"],
    "MYSQL_ALLOW_EMPTY_PASSWORD": ["yes"],
    "MYSQL_RANDOM_ROOT_PASSWORD": ["1"],
    "ALLOW_PASSWORD": ["true"],
    "PASSWORD_POLICY": ["length(12) and digits(1)"],
    "PASSWORD_RESET_URL": ["https://shop.example.com/reset"],
    "PASS_THROUGH": ["headers"],
    "BYPASS": ["localhost"],
    "COMPASS": ["north"],
    "PWD": ["/app"],
    "PROXY_PASS": ["http://api:8080"],
    "GOOGLE_APPLICATION_CREDENTIALS": ["/var/secrets/google.json"],
    "CORS_ALLOW_CREDENTIALS": ["true"],
    "FETCH_CREDENTIALS": ["same-origin"],
    "SECRETARY": ["Ms Example"],
    "SECRETS_PATH": ["/run/secrets"],
    "VAULT_TOKEN_PATH": ["/var/run/token"],
    "JWT_PUBLIC_KEY": ["-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n"],
    "VAPID_PUBLIC_KEY": ["BEl62iUYgUivxIkv69yViEuiBIa40HI8DLLuzzHq0U8Er"],
    "STRIPE_PUBLISHABLE_KEY": ["pk_live_abcdefghijklmnop"],
    "PARTITION_KEY": ["customerOrderPaymentIdentifier"],
    "CACHE_KEY_PREFIX": ["shop:v1"],
    "KEYBOARD": ["de"],
    "MONKEY": ["george"],
    "SENTRY_DSN": ["https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.io/2"],
    "DSN": [
        "Server=db;Database=x;Integrated Security=true",
        "Server=db;User Id=sa;Password={0}",
        "host=db user=app sslmode=require",
        "postgres://app:${PASSWORD}@db/x",
        "postgres://app@db:5432/x",
        "app@tcp(db:3306)/x",
    ],
    "ConnectionStrings__Default": ["Server=db;User Id=sa;Password=${DB_PASSWORD}"],
    "JAVA_OPTS": ["-Xmx256m -Djavax.net.ssl.trustStore=/etc/store"],
    "LOG_FORMAT": ['{"level": "%level", "password": "***"}'],
    "IMAGE_DIGEST": ["sha256:" + HEX * 2],
    "COMMIT": ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"],
    "TIMES": ["22:22@home", "a://b:c"],
    "SETTINGS": ["[mail]\nuser = app\nmax_tokens = 5\npassword_file = /run/secrets/mail\n"],
}  # fmt: skip


def pairs(table: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, values in table.items() for value in values]


@pytest.mark.parametrize("value", [*TOKENS, *FORMS])
def test_what_has_the_form_of_a_credential_is_a_secret_under_any_name(value: str) -> None:
    fault = secret_fault("A", value, "answer")
    assert fault
    assert fault.startswith("looks like a secret (")
    assert secret_fault("NOTES_URL", value, "answer")


@pytest.mark.parametrize(("name", "value"), pairs(REFUSED))
def test_what_is_named_as_a_secret_and_is_of_no_plain_kind_is_one(name: str, value: str) -> None:
    assert secret_fault(name, value, "answer")


@pytest.mark.parametrize(("name", "value"), pairs(ACCEPTED))
def test_what_only_has_a_word_of_secrets_in_its_name_is_invalid(name: str, value: str) -> None:
    assert secret_fault(name, value, "answer") is None


def test_the_names_of_secrets_are_judged_by_whole_words_at_their_end() -> None:
    assert all(map(names_secret, ("password", "apiKey", "db-password", "client_secret", "SECRET_KEY_BASE")))
    assert not any(map(names_secret, ("tokenizer", "max", "token_url", "key", "keys", "", "1", "compass")))


def test_a_value_is_searched_only_as_far_as_a_value_may_reach() -> None:
    assert secret_fault("A", "a " * 50 + TOKENS[0], "answer")
    assert secret_fault("A", "a " * (LONGEST_VALUE // 2) + TOKENS[0], "answer") is None
