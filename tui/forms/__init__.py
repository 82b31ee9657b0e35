"""Forms: one page on which a verb's arguments and flags are filled in, checked while typing, and sent.

Everything here is pure (no Textual); ``tui.screens.form_page`` shows it. **How to add a form**:

1. Write ``tui/forms/<noun>_<verb>.py`` with ``SPEC = FormSpec(id="network-create", verb=VERBS[NetworkCreate], …)``
   (see ``tui.forms.spec.FormSpec``; ``service_create`` is the model). Only ``id``, ``verb``, ``title``, ``view``,
   ``button`` and ``essentials`` are needed: all other flags of the verb get fields in sections by themselves, with
   parser, errors, completion and help from the flag table.
2. Add one line to ``tui.forms.registry.FORMS``, and one to ``BY_WORDS`` for the docker line that fills it.
3. Open it with ``context.ui.go(form_place("network-create"))`` (``tui.forms.registry``) from an ``ActionSpec`` in
   ``tui/actions/forms.py``. A form about an object has it as the place's scope: ``form_place(id, key)``. ``line=``
   fills it from a docker line.

What a spec may add, each a function of a ``FormView`` (values, request, snapshot, findings, what was gathered):
``verdicts`` (right of a value: ``✓ free``), ``offers`` (what ``^o`` takes), ``below`` (a row under a value), ``side``
(the right column as lines), ``choices`` (closed choices taken with ``← →``), ``checks`` (more findings than
``backends.change.checks`` has), ``gather`` (asked once when the form opens: routes, interfaces). ``done`` says where
to go when the engine took it. Findings of ``checks.check`` appear at their field by ``Finding.flag``.
"""
