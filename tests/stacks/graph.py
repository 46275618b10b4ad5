"""Runs a program against Pulumi's mocks and keeps every registration: inputs, options, edges."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.runtime import mocks, rpc, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

# Tasks that a failed program leaves behind fill pages.
logging.getLogger("asyncio").setLevel(logging.CRITICAL)

SECRET = "4dabf18193072939515e22adb298388d"  # how a secret is marked in gRPC
CONTAINER = "docker:index/container:Container"


@dataclass(frozen=True)
class Registration:
    urn: str
    type: str
    name: str
    inputs: dict[str, Any]
    parent: str
    dependencies: frozenset[str]
    input_dependencies: Mapping[str, frozenset[str]]
    request: Any


class _Echo(pulumi.runtime.Mocks):
    """A provider that gives back what it got, and an id.

    An image's digest comes from what decides its content: its folder, with what `contents` says of that, its
    arguments, or its reference.
    """

    def __init__(self, *, preview: bool, contents: Mapping[str, str]) -> None:
        self._preview = preview
        self._contents = contents

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        outputs = {"name": args.name, **args.inputs}
        if args.typ == "docker:index/image:Image":
            folder = args.inputs["build"]["context"]
            outputs["repoDigest"] = _digest(folder, self._contents.get(folder), args.inputs["build"]["args"])
        if args.typ == "docker:index/remoteImage:RemoteImage":
            outputs["imageId"] = _digest(args.inputs["name"])
        if args.typ == "random:index/randomPassword:RandomPassword":
            outputs["result"] = {SECRET: "1b47061264138c4ac30d75fd1eb44270", "value": f"canary-{args.name}"}
        if args.typ == "random:index/randomId:RandomId":
            outputs["hex"] = "0a1b"
        if args.typ.startswith("kubernetes:"):
            # The provider finds a name where there is none.
            outputs["metadata"] = {"name": f"{args.name}-0a1b2c3d", **args.inputs["metadata"]}
        return (None if self._preview else f"{args.name}-id"), outputs

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:
        return {}


def _digest(*content: Any) -> str:
    return f"sha256:{hashlib.sha256(repr(content).encode()).hexdigest()}"


class _Hooks:
    """Takes hooks, and calls none of them."""

    def register_error_hook(self, hook: pulumi.ErrorHook) -> None:
        assert hook.name

    def register_resource_hook(self, hook: pulumi.ResourceHook) -> None:
        assert hook.name


class _Monitor(mocks.MockMonitor):
    def __init__(self, echo: _Echo, project: str, stack: str) -> None:
        super().__init__(echo)
        self._project, self._stack = project, stack
        self.registrations: list[Registration] = []

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        # The stock one asks for project and stack on a thread where they may not be set.
        if parent and (outer := parent.split("::")[2]) != "pulumi:pulumi:Stack":
            type_ = f"{outer}${type_}"
        return f"urn:pulumi:{self._stack}::{self._project}::{type_}::{name}"

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        response = super().RegisterResource(request)
        self.registrations.append(
            Registration(
                urn=response.urn,
                type=request.type,
                name=request.name,
                inputs=rpc.deserialize_properties(request.object, keep_unknowns=True),
                parent=request.parent,
                dependencies=frozenset(request.dependencies),
                input_dependencies={
                    key: frozenset(value.urns) for key, value in request.propertyDependencies.items()
                },
                request=request,
            )
        )
        return response


def run(
    program: Callable[[], Any],
    *,
    preview: bool = False,
    config: Mapping[str, str] | None = None,
    contents: Mapping[str, str] | None = None,
    secret: Iterable[str] = (),
) -> list[Registration]:
    """Run a program and return what it registered, in order; raises what the program raises.

    The keys of its configuration that are `secret` are kept encrypted.
    """
    settings.ROOT.set(None)
    asyncio.set_event_loop(asyncio.new_event_loop())
    echo = _Echo(preview=preview, contents=contents or {})
    monitor = _Monitor(echo, "shop", "dev")
    pulumi.runtime.set_all_config(dict(config or {}), list(secret))
    mocks.set_mocks(echo, project="shop", stack="dev", preview=preview, monitor=monitor)
    settings.SETTINGS.callbacks = _Hooks()
    pulumi.runtime.test(program)()
    return monitor.registrations
