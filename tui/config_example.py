"""The configuration as an example with every setting, for the documentation; a test loads it."""

from __future__ import annotations

_TEXT = """\
# ~/.config/dnet-tui/config.toml   Every line is optional; what is here are the defaults or examples.

theme = "auto"          # auto, dark, light, ansi (the 16 colours of the terminal)
color = "auto"          # auto, truecolor, 256, 16, none
ascii = "auto"          # true draws with ASCII only; auto asks the locale
mouse = true            # false leaves the mouse to the terminal
readonly = false        # true refuses every change
slow_link = "auto"      # true shows at most two frames a second
fps = 10                # frames a second at most
keymap = "k9s"          # k9s, lazydocker

# Keys by the id of an action, as docs/keys.md lists them; a part before a dot stands for all that begin with it.
# A key that is taken in the same view is refused, and said at the start.
[keys]
describe = "d"
yaml = ["y", "f8"]
"move.down" = ["j", "down", "^n"]

# How a docker context is marked: production asks more before it changes anything.
[contexts."prod-eu"]
mark = "production"     # production, staging, or nothing
readonly = false
label = "prod-eu"

[contexts.test]
mark = "staging"

# How a node is reached over SSH, where its name and address are not enough; by host name or ID.
[nodes."worker-1"]
host = "10.20.0.21"
user = "ops"
port = 2222
jump = "ops@gate.example.net:22"
"""


def example() -> str:
    """The text of the example."""
    return _TEXT
