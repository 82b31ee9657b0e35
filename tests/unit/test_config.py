"""The configuration file and its variables."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.actions_support import services_table
from tui.actions.keymap import Keymap
from tui.actions.registry import actions_for
from tui.config import Config, ContextConfig, NodeConfig, config_path, load

EXAMPLE = Path(__file__).parents[2] / "docs" / "config.example.toml"


def read(tmp_path: Path, text: str, **environ: str) -> tuple[Config, list[str]]:
    path = tmp_path / "config.toml"
    path.write_text(text)
    config, problems = load(path, environ)
    return config, [str(problem) for problem in problems]


def test_no_file_is_all_defaults(tmp_path: Path) -> None:
    # GIVEN no file WHEN loaded THEN the defaults, and nothing is wrong
    assert load(tmp_path / "config.toml", {}) == (Config(), ())


def test_all_settings_are_read(tmp_path: Path) -> None:
    # GIVEN a file with everything WHEN loaded THEN it is all there
    config, problems = read(
        tmp_path,
        """
        theme = "light"
        color = "256"
        ascii = true
        mouse = false
        readonly = true
        slow_link = true
        fps = 5
        keymap = "lazydocker"
        [keys]
        logs = "m"
        open.service = ["enter", "^o"]
        "move.down" = "down"
        [contexts."prod-eu"]
        mark = "production"
        readonly = true
        label = "Prod EU"
        [nodes.worker-1]
        host = "10.0.0.21"
        user = "ops"
        port = 2222
        jump = "ops@gate:22,[fe80::1]:2200"
        """,
    )
    assert problems == []
    assert config == Config(
        theme="light",
        color="256",
        ascii="yes",
        mouse=False,
        readonly=True,
        slow_link=True,
        fps=5,
        keymap="lazydocker",
        keys={"logs": ("m",), "open.service": ("enter", "^o"), "move.down": ("down",)},
        contexts={"prod-eu": ContextConfig(mark="production", readonly=True, label="Prod EU")},
        nodes={"worker-1": NodeConfig(host="10.0.0.21", user="ops", port=2222, jump="ops@gate:22,[fe80::1]:2200")},
    )


def test_a_context_that_is_not_named_has_no_marks() -> None:
    # GIVEN a configuration WHEN another context is asked for THEN it has none
    assert Config().context("other") == ContextConfig()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            'theme = "drak"',
            'config.toml: theme: It takes one of "auto", "dark", "light", "ansi", not "drak". Nearest is dark.',
        ),
        ("theme = 1", 'config.toml: theme: It takes one of "auto", "dark", "light", "ansi", not 1.'),
        ('ascii = "maybe"', 'config.toml: ascii: It takes true, false or "auto", not "maybe".'),
        ("mouse = 1", "config.toml: mouse: It takes true or false, not 1."),
        ("fps = 100", "config.toml: fps: It takes a number from 1 to 30, not 100."),
        ("fps = true", "config.toml: fps: It takes a number from 1 to 30, not true."),
        ("keys = 1", "config.toml: keys: It is a table: write [keys]."),
        ("[keys]\nlogs = 1", 'config.toml: keys.logs: It takes a key or a list of keys, such as "x" or ["x", "^x"].'),
        (
            '[keys]\nlogs = "foo"',
            "config.toml: keys.logs: 'foo' is no key; write one like x, ^l, F2 or esc.",
        ),
        ("contexts = 1", "config.toml: contexts: It is a table: write [contexts.NAME]."),
        ("[contexts]\na = 1", "config.toml: contexts.a: It is a table: write [contexts.a]."),
        (
            '[contexts.a]\nmark = "prod"',
            'config.toml: contexts.a.mark: It takes one of "", "production", "staging", not "prod".'
            " Nearest is production.",
        ),
        (
            "[contexts.a]\nmarks = 1",
            "config.toml: contexts.a.marks: There is no such setting; there are mark, readonly, label."
            " Nearest is mark.",
        ),
        ('[contexts.a]\nlabel = "a\\nb"', 'config.toml: contexts.a.label: It takes a text on one line, not "a\nb".'),
        (
            '[nodes.a]\nhost = "-oProxyCommand=x"',
            'config.toml: nodes.a.host: It takes one word, not "-oProxyCommand=x".',
        ),
        ('[nodes.a]\nuser = "a b"', 'config.toml: nodes.a.user: It takes one word, not "a b".'),
        ("[nodes.a]\nport = 0", "config.toml: nodes.a.port: It takes a number from 1 to 65535, not 0."),
        (
            '[nodes.a]\njump = "gate:x"',
            'config.toml: nodes.a.jump: It takes hosts like "user@gate:2222", several with commas, not "gate:x".',
        ),
    ],
)
def test_what_is_wrong_says_what_would_be_right(tmp_path: Path, text: str, problem: str) -> None:
    # GIVEN a file with one mistake and one setting that is right
    config, problems = read(tmp_path, f"readonly = true\n{text}")
    # WHEN loaded THEN the sentence names file and key, the default is used there, and the rest holds
    assert problems == [problem]
    assert config.readonly
    assert (config.theme, config.ascii, config.mouse, config.fps, config.keys) == ("auto", "auto", True, 10, {})


def test_an_unknown_setting_names_those_that_are(tmp_path: Path) -> None:
    # GIVEN a setting that is none WHEN loaded THEN the nearest is named
    _, problems = read(tmp_path, 'themes = "dark"')
    assert problems[0].startswith("config.toml: themes: There is no such setting; there are theme, color, ")
    assert problems[0].endswith("Nearest is theme.")


def test_what_is_no_toml_is_said(tmp_path: Path) -> None:
    # GIVEN a file that is no TOML WHEN loaded THEN all defaults, and the place of the mistake
    config, problems = read(tmp_path, "theme = \nx")
    assert config == Config()
    assert "It is not TOML:" in problems[0]
    assert "line 1" in problems[0]


def test_a_folder_in_its_place_is_said(tmp_path: Path) -> None:
    # GIVEN a folder where the file should be WHEN loaded THEN a sentence, no exception
    config, problems = load(tmp_path, {})
    assert config == Config()
    assert "cannot be read" in problems[0].text


def test_what_is_no_text_is_said(tmp_path: Path) -> None:
    # GIVEN bytes that are no text WHEN loaded THEN a sentence
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xff\xfe")
    assert load(path, {})[1][0].text == "It is not UTF-8 text."


def test_variables_outrank_the_file(tmp_path: Path) -> None:
    # GIVEN a file and variables WHEN loaded THEN the variables hold where they are right
    config, problems = read(
        tmp_path,
        'theme = "light"\nfps = 5',
        DNET_TUI_THEME="dark",
        DNET_TUI_ASCII="1",
        DNET_TUI_READONLY="yes",
        DNET_TUI_FPS="x",
        DNET_TUI_MOUSE="off",
    )
    assert (config.theme, config.ascii, config.readonly, config.mouse, config.fps) == ("dark", "yes", True, False, 5)
    assert problems == ['DNET_TUI_FPS: It takes a number from 1 to 30, not "x".']


def test_the_file_is_where_it_belongs() -> None:
    # GIVEN the environment WHEN the path is asked for THEN XDG's rules hold
    assert config_path({"XDG_CONFIG_HOME": "/c", "HOME": "/h"}) == Path("/c/dnet-tui/config.toml")
    assert config_path({"XDG_CONFIG_HOME": "c", "HOME": "/h"}) == Path("/h/.config/dnet-tui/config.toml")
    assert config_path({"DNET_TUI_CONFIG": "/x.toml", "HOME": "/h"}) == Path("/x.toml")


def test_a_file_that_was_named_and_is_not_there_is_said(tmp_path: Path) -> None:
    # GIVEN a variable that names no file WHEN loaded THEN it is said, unlike a default path that is empty
    path = tmp_path / "none.toml"
    assert load(path, {"DNET_TUI_CONFIG": str(path)})[1][0].text == f"There is no file {path}."


def test_the_example_is_right(tmp_path: Path) -> None:
    # GIVEN the example of the documentation WHEN loaded THEN nothing is wrong with it, its keys included
    config, problems = read(tmp_path, EXAMPLE.read_text(encoding="utf-8"))
    assert problems == []
    assert config.contexts["prod-eu"].mark == "production"
    assert Keymap(actions_for({"services": services_table()}), config.keys, config.keymap).clashes == []


_VALUES = st.recursive(
    st.text(max_size=8) | st.integers() | st.booleans() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(["theme", "color", "ascii", "mouse", "fps", "keymap", "keys", "contexts", "nodes", "other"]),
        _VALUES,
        max_size=5,
    )
)
def test_no_table_raises(table: dict[str, object]) -> None:
    # GIVEN any table that TOML may give WHEN read THEN there is always a configuration
    from tui.config import Problem, _Reader

    problems: list[Problem] = []
    assert isinstance(_Reader("config.toml", problems).config(table), Config)
