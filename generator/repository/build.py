"""Renders the bytes of a cn.yaml to a whole repository in memory."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from generator.progress import Count, no_count
from generator.rendering.file_tree import REGULAR, File, Tree
from generator.rendering.renderer import render
from generator.rendering.template import Template
from pulumi_stacks.context.model import Context
from pulumi_stacks.system import load, resolve

from .baseline import lock_files


@dataclass(frozen=True)
class Project:
    """A rendered system: the resolved spec and the files of its repository, without `.cn-new/`."""

    context: Context
    rendered: Tree
    template: Template

    @cached_property
    def tree(self) -> Tree:
        """Return all files of the repository; to compress the baseline takes longer than to render."""
        return {**self.rendered, **lock_files(self.rendered, self.template, self.context.answers())}


def build(data: bytes, source: str, template: Template, count: Count = no_count) -> Project:
    """Render the repository of a cn.yaml; SpecError or TemplateError if that fails."""
    context = resolve(load(data, source, template.runtimes))
    tree = render(template, context.answers(), count)
    return Project(context, {**tree, "cn.yaml": File(REGULAR, data)}, template)
