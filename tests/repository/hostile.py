"""Settings of git that users have, and that change what its commands print, ask or refuse."""

from pathlib import Path

SETTINGS = """\
[user]
	useConfigOnly = true
[core]
	abbrev = 4
	autocrlf = true
	safecrlf = true
	excludesFile = {room}/ignore
	fsmonitor = {room}/fails
	hooksPath = {room}/hooks
	pager = {room}/fails
	quotePath = true
	editor = {room}/fails
	fileMode = false
[color]
	ui = always
[log]
	date = relative
	decorate = full
	showSignature = true
[format]
	pretty = fuller
[diff]
	external = {room}/fails
	noprefix = true
	mnemonicPrefix = true
	ignoreSubmodules = all
	renames = copies
	orderFile = {room}/ignore
[status]
	branch = true
	short = true
	showStash = true
	showUntrackedFiles = no
[commit]
	gpgSign = true
	template = {room}/ignore
	verbose = true
	cleanup = scissors
[tag]
	gpgSign = true
[gpg]
	program = {room}/signs
[init]
	defaultBranch = trunk
	templateDir = {room}/template
[add]
	ignoreErrors = true
[merge]
	conflictStyle = diff3
[advice]
	detachedHead = true
[alias]
	rev-parse = !false
	status = !false
"""
# What a machine leaves out of every repository: files that we write are among them.
IGNORED = "package-lock.json\n.vscode/\nmigrations/\n*.lock\n*.xz\nMakefile\n*\n"
SIGNS = """#!/bin/sh
# Says as GnuPG does that a signature is good.
echo '[GNUPG:] GOODSIG 0123456789ABCDEF Ada' >&1
echo 'gpg: Good "git" signature for ada@example.org' >&2
exit 0
"""


def settings(room: Path) -> Path:
    """Write such a configuration, and the programs that it names, to a folder; return its file."""
    hooks = [room / "hooks", room / "template" / "hooks"]
    for folder in hooks:
        folder.mkdir(parents=True)
    names = ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit", "reference-transaction")
    fails = [room / "fails", *(folder / name for folder in hooks for name in names)]
    for path in fails:
        path.write_text("#!/bin/sh\necho 'must not run' >&2\nexit 1\n")
        path.chmod(0o755)
    (room / "template" / "info").mkdir()
    (room / "template" / "info" / "exclude").write_text(IGNORED)
    (room / "ignore").write_text(IGNORED)
    (room / "signs").write_text(SIGNS)
    (room / "signs").chmod(0o755)
    found = room / "gitconfig"
    found.write_text(SETTINGS.format(room=room))
    return found
