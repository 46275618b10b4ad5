"""The wizard on a real terminal: keys in, screens out."""

from pulumi_stacks.system import load
from tests.wizard.terminal import (
    BACKSPACE,
    CONTROL_C,
    DOWN,
    END,
    ENTER,
    ESCAPE,
    LEFT,
    PASTE,
    SPACE,
    UP,
    Terminal,
)


def test_a_system_is_entered_by_keys_and_written(tmp_path):
    terminal = Terminal(tmp_path)
    terminal.begin(name="mine")
    terminal.choose(r"\+ Add a service")
    terminal.wait("Name of the service", "Also the name of its folder")
    terminal.type("mail-")
    terminal.wait('"mail-" is not a name')
    terminal.type(ENTER)
    terminal.type(BACKSPACE)
    terminal.wait("Also the name of its folder")
    terminal.answer("Name of the service", LEFT)
    terminal.wait("Runtime", "[\u276f] Python")
    terminal.type(ENTER)
    terminal.wait("Database", "[\u276f] postgres")
    terminal.type(UP + ENTER)
    terminal.answer("Public path", "/orders")
    terminal.wait('"/orders" is already the route of services.orders')
    terminal.type(ESCAPE)
    terminal.wait("Database", "[\u276f] none")
    terminal.type(ENTER)
    terminal.answer("Public path", BACKSPACE)
    terminal.wait("Services that it calls")
    terminal.type(SPACE)
    terminal.wait(r"\[x\] orders")
    terminal.type(DOWN + SPACE)
    terminal.wait(r"\[x\] billing")
    terminal.type(UP + SPACE)
    terminal.wait(r"\[ \] orders")
    terminal.type(ENTER)
    terminal.wait("in the folder", "mail .*calls billing")
    terminal.type(END + ENTER)
    terminal.wait("179 files for mine|files for mine")
    terminal.type(ENTER)
    assert terminal.ends() == 0
    assert "Created mine: " in terminal.text
    assert "Enter: choose" not in terminal.text
    assert terminal.is_restored
    mail = load((tmp_path / "mine" / "cn.yaml").read_bytes()).services["mail"]
    assert (mail.route, mail.database, mail.calls) == (None, None, ("billing",))


def test_only_keys_that_answer_a_question_count(tmp_path):
    terminal = Terminal(tmp_path)
    terminal.type(DOWN + ENTER * 9)  # before there is a question
    terminal.wait("Start from", "[\u276f] hello")
    terminal.type(ESCAPE)  # there is nothing before the first one
    terminal.type(DOWN)
    terminal.wait("Start from", "[\u276f] shop")
    terminal.type(ENTER + "mine" + ENTER + DOWN + ENTER)  # faster than questions come
    terminal.wait("mine: service billing")
    terminal.type(ESCAPE)
    terminal.wait("in the folder", "[\u276f] billing")
    terminal.type(PASTE.format("\r\r\r"))
    terminal.choose("Description")
    terminal.wait("in one line")
    terminal.type(PASTE.format("Sells\r\n  things"))
    terminal.wait("[\u276f] Sells things$")
    terminal.type(ENTER)
    terminal.wait("Description +Sells things")
    terminal.choose("Description")
    terminal.wait("in one line")
    terminal.child.send(b"caf\xe9!")
    terminal.wait("not valid UTF-8")
    terminal.type(ESCAPE)
    terminal.wait("Description +Sells things")
    terminal.type(ESCAPE)
    terminal.wait("Name of the system")
    terminal.type(CONTROL_C)
    assert terminal.ends() == 130
    assert b"^[" not in terminal.raw.partition(b"Start from")[2], "keys are not echoed between questions"
    assert list(tmp_path.iterdir()) == []


def test_an_invalid_folder_is_an_error_before_the_first_question(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").touch()
    for name, words in (("mine", "not empty"), ("Bad_Name", "is not a name")):
        terminal = Terminal(tmp_path, name)
        assert terminal.ends() == 2
        assert words in terminal.text


def test_with_plan_the_answers_are_only_shown(tmp_path):
    terminal = Terminal(tmp_path, "mine", "--plan", rows=60)
    terminal.wait("Start from")
    terminal.choose("hello")
    terminal.wait("in the folder")
    terminal.type(END + ENTER)
    terminal.wait("Show the plan; --plan writes nothing")
    terminal.type(ENTER)
    assert terminal.ends() == 0
    assert "services/hello (new)\n  create    .dockerignore" in terminal.above
    assert list(tmp_path.iterdir()) == []


def test_a_cluster_and_a_scale_are_entered_by_keys_and_the_printed_command_is_equivalent(tmp_path):
    terminal = Terminal(tmp_path, "--no-git")
    terminal.begin("hello", "mine")
    add_cluster(terminal)
    scale_hello(terminal)
    terminal.type(END + ENTER)
    terminal.wait("files for mine")
    terminal.type(ENTER)
    assert terminal.ends() == 0
    spec = load((tmp_path / "mine" / "cn.yaml").read_bytes())
    prod, scale = spec.environments["prod"], spec.services["hello"].scale
    assert (prod.target, prod.gateway, prod.domain) == ("kubernetes", "ingress", "shop.example.com")
    assert (spec.registry, scale.min, scale.max) == ("ghcr.io/acme", 2, 6)
    assert "--env prod=kubernetes,domain=shop.example.com,gateway=ingress" in terminal.text.replace("\n", "")
    assert "replicas=2-6" in terminal.text.replace("\n", "")


def add_cluster(terminal: Terminal) -> None:
    """Go from the menu through the questions of an environment on a cluster, and back to the menu."""
    terminal.choose("Environments")
    terminal.wait("mine: environments", "[\u276f] dev")
    terminal.choose(r"\+ Add an environment")
    terminal.answer("Name of the environment", "prod")
    terminal.wait("Deployment target", "[\u276f] Docker")
    terminal.choose("Kubernetes")
    terminal.wait("Registry for the images")
    terminal.type("ACME")
    terminal.wait('"ACME" is not a registry')
    terminal.type(BACKSPACE * 4 + "ghcr.io/acme" + ENTER)
    terminal.wait("Gateway for public", "[\u276f] loadbalancer")
    terminal.choose("ingress")
    terminal.wait("Domain", "[\u276f] mine.example.com")
    terminal.type(ESCAPE)
    terminal.wait("Gateway for public", "[\u276f] ingress")
    terminal.type(ENTER)
    terminal.wait("Domain")
    terminal.type("shop")
    terminal.wait('"shop" is not a domain')
    terminal.type(".example.com" + ENTER)
    terminal.wait("prod +on Kubernetes, ingress, shop.example.com")
    terminal.type(ESCAPE)
    terminal.wait("in the folder", "Registry +ghcr.io/acme", "[\u276f] Environments")


def scale_hello(terminal: Terminal) -> None:
    """Go from the menu to the replicas of the service, and back to the menu."""
    terminal.choose("hello ")
    terminal.wait("mine: service hello", "[\u276f] Name")
    terminal.choose("Replicas")
    terminal.wait("Number of replicas")
    terminal.type("6-2")
    terminal.wait(r"2 is less than scale\.min \(6\)")
    terminal.type(BACKSPACE * 3 + "2-6" + ENTER)
    terminal.wait("Replicas +2-6")
    terminal.type(ESCAPE)
    terminal.wait("in the folder", "2-6 replicas")
