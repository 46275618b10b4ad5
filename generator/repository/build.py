"""Renders the bytes of a cn.yaml to a whole repository in memory."""

from __future__ import annotations

from dataclasses import dataclass

from generator.progress import Count, no_count
from generator.rendering.file_tree import REGULAR, File, Tree
from generator.rendering.renderer import render
from generator.rendering.template import Template
from pulumi_stacks.context.model import Context
from pulumi_stacks.system import load, resolve

from .baseline import lock_files


@dataclass(frozen=True)
class Project:
    """A rendered system: the resolved spec and all files of its repository."""

    context: Context
    tree: Tree


def build(data: bytes, source: str, template: Template, count: Count = no_count) -> Project:
    """Render the repository of a cn.yaml; SpecError or TemplateError if that fails."""
    context = resolve(load(data, source, template.runtimes))
    answers = context.answers()
    tree = {**render(template, answers, count), "cn.yaml": File(REGULAR, data)}
    return Project(context, {**tree, **lock_files(tree, template, answers)})
