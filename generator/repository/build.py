"""The bytes of a cn.yaml to a whole repository in memory."""

from __future__ import annotations

from dataclasses import dataclass

from generator.progress import Count, uncounted
from generator.rendering.file_tree import REGULAR, File, Tree
from generator.rendering.renderer import render
from generator.rendering.template import Template
from pulumi_stacks.context.model import Context
from pulumi_stacks.system import load, resolve

from .baseline import lock_files


@dataclass(frozen=True)
class Project:
    """A rendered system: what the spec says, resolved, and every file of its repository."""

    context: Context
    tree: Tree


def build(data: bytes, source: str, template: Template, count: Count = uncounted) -> Project:
    """Render the repository that a cn.yaml describes; SpecError or TemplateError when it cannot be."""
    context = resolve(load(data, source, template.runtimes))
    answers = context.answers()
    tree = {**render(template, answers, count), "cn.yaml": File(REGULAR, data)}
    return Project(context, {**tree, **lock_files(tree, template, answers)})
