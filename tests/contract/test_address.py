"""The address of a database means in every language what it means to libpq."""

import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.contract.conftest import PASSWORD, Bench
from tests.contract.engine import START, Container, at_once, docker, run, until
from tests.contract.promises import amount
from tests.contract.test_start import only_line

# A server with TLS, whose certificate is for the name `tls` and by an authority of its own.
SERVER = """
set -e
cd /certs
new="openssl req -newkey rsa:2048 -nodes -days 2"
$new -x509 -subj /CN=authority -keyout ca.key -out ca.crt
$new -x509 -subj /CN=stranger -keyout stranger.key -out stranger.crt
$new -subj /CN=tls -keyout tls.key -out tls.csr
echo subjectAltName=DNS:tls > names
openssl x509 -req -in tls.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile names -out tls.crt
chown postgres tls.key
chmod 755 .
printf '%s\\n' 'local all all trust' \\
  'hostssl all secure all scram-sha-256' 'hostnossl all secure all reject' \\
  'hostssl all open all reject' 'host all all all scram-sha-256' > access
exec docker-entrypoint.sh postgres -c ssl=on -c ssl_cert_file=/certs/tls.crt -c ssl_key_file=/certs/tls.key \\
  -c hba_file=/certs/access -c log_connections=on
"""
ROLES = {"secure": "secure", "open": "open", "o'd d@user": "p:a/s%s w?rd#1&+"}
CA, STRANGER = "sslrootcert=/certs/ca.crt", "sslrootcert=/certs/stranger.crt"
ENCODED = "o%27d%20d%40user:p%3Aa%2Fs%25s%20w%3Frd%231%26%2B@tls/da%20ta%2Fb%25se"
# What follows `postgresql://`, in which HOST has a name and a password; and what becomes of it.
CASES = {
    "nothing": ("tls/postgres", "tls"),
    "nothing, no TLS there": ("PLAIN/plain", "works"),
    "nothing, TLS refused": ("open:open@tls/postgres", "plain"),
    "disable": ("tls/postgres?sslmode=disable", "plain"),
    "disable, TLS needed": ("secure:secure@tls/postgres?sslmode=disable", "fails"),
    "allow": ("tls/postgres?sslmode=allow", "plain"),
    "allow, TLS needed": ("secure:secure@tls/postgres?sslmode=allow", "tls"),
    "prefer": ("tls/postgres?sslmode=prefer", "tls"),
    "require": ("tls/postgres?sslmode=require", "tls"),
    "require, no TLS there": ("PLAIN/plain?sslmode=require", "fails"),
    "require, authority": (f"other/postgres?sslmode=require&{CA}", "tls"),
    "require, another authority": (f"tls/postgres?sslmode=require&{STRANGER}", "fails"),
    "verify-ca": (f"other/postgres?sslmode=verify-ca&{CA}", "tls"),
    "verify-ca, another authority": (f"tls/postgres?sslmode=verify-ca&{STRANGER}", "fails"),
    "verify-full": (f"tls/postgres?sslmode=verify-full&{CA}", "tls"),
    "verify-full, another name": (f"other/postgres?sslmode=verify-full&{CA}", "fails"),
    "system": ("tls/postgres?sslrootcert=system", "fails"),
    "ssl=true": ("tls/postgres?ssl=true", "tls"),
    "hosts": ("gone:1,tls:5432/postgres", "tls"),
    "encoded": (ENCODED, "tls"),
    "socket": ("/postgres?host=/var/run/postgresql&user=postgres", "works"),
    "socket, encoded": ("postgres@%2Fvar%2Frun%2Fpostgresql/postgres", "works"),
    "options": ("tls/postgres?options=-c%20search_path%3Dpublic&connect_timeout=2", "tls"),
}
REFUSED = {
    "another scheme": ("mysql://u:s3cret@tls/postgres", "is not an address like"),
    "no database": ("postgresql://u:s3cret@tls", "is not an address like"),
    "no host": ("postgresql://u:s3cret@/postgres", "is not an address like"),
    "wrong port": ("postgresql://u:s3cret@tls:port/postgres", "is not an address like"),
    "wrong mode": ("postgresql://u:s3cret@tls/postgres?sslmode=on", "sslmode"),
    "unknown parameter": ("postgresql://u:s3cret@tls/postgres?schema=public", "schema"),
    "no authority": ("postgresql://u:s3cret@tls/postgres?sslmode=verify-full", "sslrootcert"),
    "no such file": ("postgresql://u:s3cret@tls/postgres?sslrootcert=/nowhere", "sslrootcert"),
    "weak system": ("postgresql://u:s3cret@tls/postgres?sslmode=require&sslrootcert=system", "verify-full"),
}


@dataclass(frozen=True)
class Secure:
    """The server, and the folder of its certificates."""

    container: Container
    certificates: Path
    plain: str

    def address(self, case: str) -> str:
        text = CASES[case][0].replace("PLAIN", self.plain)
        if "@" not in text and not text.startswith("/"):
            text = f"postgres:{PASSWORD}@{text}"
        name = re.sub(r"\W+", "-", case)
        return f"postgresql://{text}{'&' if '?' in text else '?'}application_name={name}"

    def outcome(self, case: str) -> str:
        """Say how the last one connected that has the name of a case."""
        name = re.sub(r"\W+", "-", case)
        log = docker("logs", self.container.name)
        lines = re.findall(rf"connection authorized: .* application_name={name}(?![\w-])( SSL enabled)?", log)
        if not lines:
            return "fails"
        return "tls" if lines[-1] else "plain"

    @property
    def options(self) -> tuple[str, ...]:
        return (f"--volume={self.certificates}:/certs:ro", f"--volumes-from={self.container.name}:ro")


@pytest.fixture(scope="module")
def secure(own: Bench, tmp_path_factory: pytest.TempPathFactory) -> Secure:
    certificates = tmp_path_factory.mktemp("certificates")
    name = f"{own.network}-tls"
    own.started.append(name)
    options = (
        f"--network={own.network}",
        *(f"--network-alias={alias}" for alias in ("tls", "other")),
        f"--volume={certificates}:/certs",
        "--volume=/var/run/postgresql",
        f"--env=POSTGRES_PASSWORD={PASSWORD}",
    )
    container = run(name, "postgres:17", *options, "--entrypoint=bash", command=("-c", SERVER))

    def answers() -> bool:
        asked = docker("exec", name, "pg_isready", "-h", "127.0.0.1", check=False)
        return "accepting connections" in asked

    until(START, "Postgres answers", answers)
    statements = [
        f"""CREATE ROLE "{role}" SUPERUSER LOGIN PASSWORD '{word}'""" for role, word in ROLES.items()
    ]
    for statement in (*statements, 'CREATE DATABASE "da ta/b%se"'):
        docker("exec", name, "psql", "-q", "-U", "postgres", "-c", statement)
    # That which all tests share stays as it is, without tables.
    own.sql("CREATE DATABASE plain")
    return Secure(container, certificates, own.postgres)


@pytest.fixture(scope="module")
def ends(own: Bench, secure: Secure) -> dict[str, tuple[Container, int]]:
    """The migrations of every case, with their exit codes."""

    def end(case: str) -> tuple[Container, int]:
        address = secure.address(case)
        container = own.start_with(secure.options, "migrate", DATABASE_URL=address, PLAIN_URL=None)
        return container, container.wait(START + amount("migrate-waits", "wait"))

    # Those that fail wait, so they are first, and more are at work than there are of them.
    order = sorted(CASES, key=lambda case: CASES[case][1] != "fails")
    return dict(zip(order, at_once([partial(end, case) for case in order], most=10), strict=True))


@pytest.mark.promise("address")
@pytest.mark.parametrize("case", CASES)
def test_an_address_leads_to_a_connection_as_with_libpq(
    secure: Secure, ends: dict[str, tuple[Container, int]], case: str
) -> None:
    expected = CASES[case][1]
    container, code = ends[case]
    assert code == (1 if expected == "fails" else 0), container.lines()
    assert expected == "works" or secure.outcome(case) == expected


@pytest.mark.promise("address")
def test_libpq_itself_does_what_the_table_says(own: Bench, secure: Secure) -> None:
    asked = 'for url; do psql "$url" -tAc "SELECT 1" >/dev/null 2>&1; echo $?; done'
    addresses = [
        secure.address(case).replace("application_name=", "application_name=libpq-") for case in CASES
    ]
    options = ("--rm", f"--network={own.network}", *secure.options, "--entrypoint=bash", "postgres:17")
    codes = docker("run", *options, "-c", asked, "psql", *addresses).split()
    failed = {case for case, code in zip(CASES, codes, strict=True) if code != "0"}
    assert failed == {case for case, (_, expected) in CASES.items() if expected == "fails"}


@pytest.mark.promise("address", "settings-checked")
def test_an_address_that_cannot_be_used_is_refused_at_the_start(bench: Bench) -> None:
    def refuse(case: str, *command: str) -> None:
        address, reason = REFUSED[case]
        container = bench.start(*command, DATABASE_URL=address)
        assert container.wait(START) == amount("settings-checked", "code"), case
        message = only_line(container)
        assert "DATABASE_URL" in message
        assert reason in message
        assert "s3cret" not in message

    starts = [partial(refuse, case) for case in REFUSED]
    at_once(
        [*starts, partial(refuse, "no host", "migrate"), partial(refuse, "wrong mode", "migrate")], most=6
    )


@pytest.mark.promise("address", "database-url")
def test_who_serves_reads_the_address_like_who_migrates(
    bench: Bench, secure: Secure, ends: dict[str, tuple[Container, int]], tmp_path: Path
) -> None:
    file = tmp_path / "url"
    file.write_text(f"postgresql://{ENCODED}?sslmode=verify-full&{CA}&application_name=serving\n")
    file.chmod(0o444)
    options = (*secure.options, f"--volume={file}:/run/url:ro")
    container = bench.start_with(options, DATABASE_URL=None, DATABASE_URL_FILE="/run/url")
    until(START, "it is ready", lambda: container.get("/readyz").status == 200)
    assert secure.outcome("serving") == "tls"
