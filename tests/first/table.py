"""What a reader knows and a test does not: what words stand for, what was done before, what cannot be run.

A pattern fits the whole of `place: lines`; one that fits none of the commands in the documents fails.
"""

# Words that stand for others, and what they stand for here. Any other word in capitals fails.
PLACEHOLDERS = {
    "NAME:RUNTIME,…": "web:python,route=/web",
    "NAME=TARGET,…": "dev=docker",
    "NAME …": "first-x --defaults",
    "logs NAME": "logs gateway",
    "NAME": "first-x",
    "FILE": "cn.yaml",
    "DIR": "somewhere",
    "TEXT": "words",
    "OWNER": "@acme/first",
    "REGISTRY": "ghcr.io/acme",
    "REV..REV": "v1.2..HEAD",
}

# Run elsewhere, on a fresh clone: .ci/run has this line.
IN_CI = {
    r"checkout: make setup(\n\. \.venv/bin/activate)?": "make setup",
    r"checkout: make test": "make test",
    r"checkout: make parity": "make parity",
    r"checkout: make conformance( RUNTIME=go)?": "make conformance",
    r"checkout: make cluster": "make cluster",
}

# Not run, and why.
NOT_RUN = {
    r"checkout: make (bench|record)\b.*": "measures for minutes and judges nothing",
    r"checkout: python -c pass": "what the time of others is compared with",
    r"checkout: cd \.\./shop\n.*": "continues from the copy; tests/docs/test_templates.py runs the three",
    r"repository: cn context > .*\ncopier update .*": "continues from the copy; tests/docs/test_templates.py",
    r"checkout: git diff": "a hint to read; the repository is that of the reader",
    r"checkout: docker build --target test": "without a folder; said of the Dockerfile of any service",
    r"repository: kubectl create secret tls gateway-tls": "needs a certificate; for users who create one",
    r"repository: pulumi config set --secret( --path)?": "without a key; the README shows it with one",
    r"repository: docker compose -p": "without a name; said of what does not help",
    r"repository: pulumi (up|destroy)": "without a folder or a stack; said of both",
    r"repository: pulumi stack (export|import)": "without a file; said of moving a stack to another backend",
    r"repository: pulumi stack rm": "what its page advises against",
    r"services/more-x-node: (.*\n)?(make (test|lint|run|migrate|migration|openapi|lock)\b|npm )[^\n]*": (
        "needs Node.js 22.19 on the machine; the stage `test` of its image runs the same scripts"
    ),
    r"services/more-x-go: go get": "without a module; `make lock` does it for all",
}

# What another command runs as well, on a repository as fresh.
SAME = {
    r"repository: make (up|down)": "ENV is dev unless something else is said",
    r"repository: make down DATA=delete": "ENV is dev unless something else is said",
    r"repository: make up ENV=dev": "the block of our README makes a repository and runs it there",
    r"repository: cd infra\n.*pulumi destroy --stack dev": "the block of our README does, word for word",
    r"repository: make push ENV=prod": "the first half of `make push up ENV=prod`",
    r"services/first-x-api: PORT=8081 make run": "in the folder of a service that is called; run there",
    r"services/[^\n]*: make migrate": "with the database of the block above, where it is run too",
    r"repository: make up ENV=prod ROLLBACK=yes": "tests/cluster/test_people.py goes back and forth",
    r"repository: make manifests ENV=prod": "after a push, as in `make push manifests ENV=prod`",
}

# What a document has done before, in its own words.
_STACK = ("make stack ENV=prod", 'export PULUMI_CONFIG_PASSPHRASE_FILE="$PWD/infra/.passphrase"')
_PULL = (
    "docker --config /tmp/pull login 127.0.0.1:5000",
    "pulumi --cwd infra config set --stack prod --secret cn:pull_config < /tmp/pull/config.json",
)
# The reader's own.
_EDIT = "sed -i 's|route: /api|route: /other|' cn.yaml && git commit --quiet --all --message change"
OWN = {_EDIT}
_DATABASE = (
    "docker run -d --name first-x-api-db -e POSTGRES_PASSWORD=local -p 127.0.0.1:5432:5432 postgres:17",
    "until docker exec first-x-api-db pg_isready -q -h 127.0.0.1; do sleep 1; done",
    "export DATABASE_URL=postgresql://postgres:local@127.0.0.1:5432/postgres",
    "make migrate",
)
AFTER = {
    r"repository: pulumi --cwd infra config set .* --path cn:database_urls\..*": (*_STACK, *_PULL),
    r"repository: pulumi --cwd infra stack output url --stack prod": ("make push up ENV=prod", _STACK[1]),
    r"repository: pulumi --cwd infra stack rm --preserve-config --stack dev": (
        "make down ENV=dev",
        _STACK[1],
    ),
    r"services/first-x-api: make migration .*": _DATABASE,
    r"repository: kubectl apply -k infra/manifests/prod": ("make push manifests ENV=prod",),
    r"repository: python -m pulumi_stacks\.diff .*": (
        "cd infra",
        "python3 -m venv .venv && .venv/bin/pip install --require-hashes -r requirements.txt",
        ". .venv/bin/activate",
    ),
    r"repository: cn plan --diff \| git apply .*": (_EDIT,),
}

# A line that this machine cannot run as it stands, and one that does the same here.
INSTEAD = {
    # There is no terminal to ask on; tests of the wizard have one.
    r"(cn-new first-x --(description|env|into|merge|no-git|plan|quiet)\b.*)": r"\1 --defaults",
    # The registry of the tests asks for no password, and two tests would share the folder.
    r"docker --config /tmp/pull login \S+": (
        'mkdir "$HOME/pull" && echo \'{"auths": {}}\' > "$HOME/pull/config.json"'
    ),
    r"(pulumi .*) < /tmp/pull/config\.json": r'\1 < "$HOME/pull/config.json"',
}

# What is typed when it asks.
GIVEN = {r"repository: pulumi .* --path cn:database_urls\..*": "postgresql://u:p@db.example.com:5432/name\n"}

# It refuses, in these words.
REFUSED = {
    r"checkout: cn-new (first-x|shop)": "the wizard needs a terminal",
    r"repository: (GATEWAY_PORT=9000 )?docker compose (up|ps|logs|down).*": "make secrets",
    r"repository: make (push|rights|manifests)": "not on a cluster; choose from prod",
}

# What it writes into the repository, to be committed.
_SALT = r"infra/Pulumi\.\w+\.yaml"
WRITES = {
    r"repository: (DOCKER\S+ )?make (up|down|unlock|preview|push|stack)\b.*": rf"infra/manifests/.*|{_SALT}",
    r"repository: pulumi --cwd infra (config|stack (rm|output)) .*": _SALT,
    r"repository: kubectl apply .*": rf"infra/manifests/.*|{_SALT}",
    r"repository: cn plan --diff \| git apply .*": r".*",
    r"repository: cn graph --format html > graph\.html": r"graph\.html",
    r"services/.*: .*make migration .*": r"services/.*migrations/.*",
    r"services/.*: make lock": r"services/.*/(requirements.*\.txt|go\.(mod|sum))",
}

# It serves until Ctrl-C.
SERVES = r"services/first-x-own: make run|services/.*\nmake run"

# What besides Docker and make has to be there.
NEEDS = {
    "pulumi": r"pulumi |make (up|down|unlock|preview|stack|push)|pulumi_stacks",
    "kubectl": r"ENV=prod|kubectl|stack prod",
    "go": r"-go: ",
    "uv": r"uv tool|api: make lock",
    "pipx": r"pipx install",
    "hadolint": r"(repository|own): make lint",
}

# After it the engine has no container of the system.
TAKES_AWAY = r".*(make down|pulumi destroy|docker compose down)[^\n]*"
