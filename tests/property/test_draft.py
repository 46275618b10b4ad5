"""What holds of drafts for every spec: reading, writing and editing lose nothing."""

import json
from dataclasses import replace

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from generator.authoring import draft as drafts
from generator.authoring import flags
from generator.authoring.draft import Draft, from_spec, to_document
from generator.authoring.spec_editor import edit, values
from generator.authoring.spec_writer import write
from pulumi_stacks.system import load
from tests.examples import examples
from tests.property.specs import AWKWARD, specs


def drafted(spec: dict) -> Draft:
    return from_spec(load(json.dumps(spec, ensure_ascii=False).encode()))


@given(specs())
@example(AWKWARD)
@settings(max_examples=examples(15), phases=(Phase.explicit, Phase.generate))
def test_what_is_written_of_a_draft_says_what_its_file_said(spec):
    draft = drafted(spec)
    assert load(write(to_document(draft))) == load(json.dumps(spec, ensure_ascii=False).encode())


@given(specs(), st.data())
@example(AWKWARD, None)
@settings(max_examples=examples(15), phases=(Phase.explicit, Phase.generate))
def test_an_edited_text_says_what_the_draft_says(spec, data):
    text = write(values(json.dumps(spec, ensure_ascii=False).encode()))
    draft = from_spec(load(text))
    chosen = data.draw(st.sampled_from(draft.services)) if data else draft.services[0]
    renamed = replace(chosen, name="quite-new", replicas=1, most=0, route="", calls=())
    changed = drafts.with_service(draft, chosen.name, renamed)
    if len(changed.services) > 1:
        changed = drafts.without_service(changed, changed.services[-1].name)
    document = to_document(changed)
    edited = edit(text, document, drafts.previous_names(changed))
    assert edited.in_place
    assert values(edited.data) == document


@given(specs())
@settings(max_examples=examples(15), phases=(Phase.explicit, Phase.generate))
def test_words_either_say_the_same_file_or_do_not_exist(spec):
    draft = drafts.from_spec(load(json.dumps(spec, ensure_ascii=False).encode()), new=True)
    words = flags.words(draft)
    assert words is None or words[0] == draft.name
    services = [service for service in draft.services if set(service.kept) & {"config", "id", "environments"}]
    assert words is None or not services
