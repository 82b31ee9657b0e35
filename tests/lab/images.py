"""Local images, made without a registry, the same on every node.

They are one archive for ``docker load``, so that an image has the same ID on
all nodes (``docker import`` would give each its own). The archive is kept in a
cache folder under a name that says what it was made from.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import platform
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

BOX = "lab/box:1"
BOX_NEXT = "lab/box:2"
DISTROLESS = "lab/distroless:1"
FULL = "lab/full:1"

#: For programs that draw.
UTF8 = ("LANG=C.UTF-8",)
_CREATED = "2024-01-01T00:00:00Z"
_TERMINALS = (
    "x/xterm",
    "x/xterm-256color",
    "s/screen",
    "s/screen-256color",
    "t/tmux",
    "t/tmux-256color",
    "l/linux",
    "v/vt100",
)
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}

# A first process gets no default action for SIGTERM: without the trap every
# stop would take the ten seconds until it is killed.
_SERVE = "trap 'exit 0' TERM; echo serving; httpd -f -p 80 -h /www & wait"
_IDLE = "trap 'exit 0' TERM; echo ready; sleep infinity & wait"


@dataclass
class Layer:
    """The files of one image layer, by path without the leading slash."""

    files: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    folders: dict[str, int] = field(default_factory=dict)

    def copy(self, source: str | Path, target: str = "") -> None:
        """Take a file of this machine, at the same path unless told."""
        path = Path(source)
        name = (target or str(path)).lstrip("/")
        self.files[name] = (0o755 if os.access(path, os.X_OK) else 0o644, path.read_bytes())

    def archive(self) -> bytes:
        """The layer as a tar that depends on nothing but its content."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for name in sorted(self._all_folders()):
                info = tarfile.TarInfo(name)
                info.type, info.mode = tarfile.DIRTYPE, self.folders.get(name, 0o755)
                tar.addfile(info)
            for name in sorted(self.files):
                info = tarfile.TarInfo(name)
                info.mode, content = self.files[name]
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
            for name in sorted(self.links):
                info = tarfile.TarInfo(name)
                info.type, info.linkname = tarfile.SYMTYPE, self.links[name]
                tar.addfile(info)
        return buffer.getvalue()

    def _all_folders(self) -> set[str]:
        found = set(self.folders)
        for name in [*self.files, *self.links, *self.folders]:
            found |= {str(parent) for parent in Path(name).parents} - {"."}
        return found


@dataclass
class Image:
    """One image: its tag, its layers from the lowest, its configuration as Docker's image format has it."""

    tag: str
    layers: list[Layer]
    config: dict[str, object]
    environment: tuple[str, ...] = ()


def archive() -> Path:
    """The archive of the lab's own images, made now if it is not in the cache."""
    return cached("images", [Path(__file__), *map(Path, map(which, ("busybox", "bash", "nano")))], _images)


def cached(name: str, sources: Sequence[Path], make: Callable[[], Sequence[Image]]) -> Path:
    """The archive of some images, made now if it is not in the cache; it is made anew when a source is another."""
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.read_bytes())
    path = cache_folder() / f"{name}-{digest.hexdigest()[:16]}.tar"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Under another name until complete: several labs may do this at once.
        unfinished = path.with_suffix(f".{os.getpid()}")
        try:
            _write(unfinished, make())
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    return path


def cache_folder() -> Path:
    """Where the archive is kept; may be deleted at any time."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "dnet-tui-lab"


def _images() -> Sequence[Image]:
    box = _box_layer()
    return [
        Image(BOX, [box, _page("1")], {"Cmd": ["sh", "-c", _SERVE]}),
        Image(BOX_NEXT, [box, _page("2")], {"Cmd": ["sh", "-c", _SERVE]}),
        Image(DISTROLESS, [_distroless_layer()], {"Cmd": ["/httpd", "-f", "-p", "80"], "StopSignal": "SIGKILL"}),
        Image(FULL, [full_layer()], {"Cmd": ["bash", "-c", _IDLE], "WorkingDir": "/root"}, UTF8),
    ]


def _write(path: Path, images: Sequence[Image]) -> None:
    manifest = []
    written: set[str] = set()
    with tarfile.open(path, "w") as tar:
        for image in images:
            digests = []
            for content in (layer.archive() for layer in image.layers):
                digests.append(hashlib.sha256(content).hexdigest())
                if digests[-1] not in written:
                    _add(tar, f"{digests[-1]}/layer.tar", content)
                    written.add(digests[-1])
            text = json.dumps(_image_config(image, digests), sort_keys=True).encode()
            name = f"{hashlib.sha256(text).hexdigest()}.json"
            _add(tar, name, text)
            paths = [f"{digest}/layer.tar" for digest in digests]
            manifest.append({"Config": name, "RepoTags": [image.tag], "Layers": paths})
        _add(tar, "manifest.json", json.dumps(manifest).encode())


def _image_config(image: Image, digests: list[str]) -> dict[str, object]:
    machine = platform.machine()
    environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", *image.environment]
    return {
        "architecture": _ARCHITECTURES.get(machine, machine),
        "os": "linux",
        "created": _CREATED,
        "config": {**image.config, "Env": environment, "Labels": {"org.opencontainers.image.title": image.tag}},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}" for digest in digests]},
        "history": [{"created": _CREATED, "created_by": "tests.lab"} for _ in digests],
    }


def _box_layer() -> Layer:
    layer = Layer(folders={"tmp": 0o1777, "root": 0o700, "proc": 0o755, "sys": 0o755, "dev": 0o755})
    busybox = which("busybox")
    layer.copy(busybox, "bin/busybox")
    for applet in subprocess.check_output([busybox, "--list"], text=True).split():
        if applet != "busybox":
            layer.links[f"bin/{applet}"] = "busybox"
    layer.links["usr/bin"] = "../bin"
    layer.files["etc/passwd"] = (0o644, b"root:x:0:0:root:/root:/bin/sh\n")
    layer.files["etc/group"] = (0o644, b"root:x:0:\n")
    return layer


def _page(version: str) -> Layer:
    return Layer(files={"www/index.html": (0o644, f"lab box {version}\n".encode())})


def _distroless_layer() -> Layer:
    """One static program and no shell: by its name busybox is only a web server."""
    layer = Layer(folders={"proc": 0o755, "sys": 0o755, "dev": 0o755})
    layer.copy(which("busybox"), "httpd")
    layer.files["index.html"] = (0o644, b"lab distroless\n")
    return layer


def full_layer() -> Layer:
    """bash and nano with their libraries, terminals and a UTF-8 locale."""
    layer = _box_layer()
    del layer.links["usr/bin"]
    layer.links["usr/bin/env"] = "../../bin/env"
    for program in ("bash", "nano"):
        layer.links.pop(f"bin/{program}", None)
        layer.copy(which(program), f"bin/{program}")
        for library in libraries(which(program)):
            layer.copy(library)
    for terminal in _TERMINALS:
        for root in ("/usr/share/terminfo", "/lib/terminfo"):
            if (Path(root) / terminal).exists():
                layer.copy(Path(root) / terminal, f"/lib/terminfo/{terminal}")
                break
    for path in Path("/usr/lib/locale/C.utf8").rglob("*"):
        if path.is_file():
            layer.copy(path)
    layer.files["etc/passwd"] = (0o644, b"root:x:0:0:root:/root:/bin/bash\n")
    layer.files["etc/nsswitch.conf"] = (0o644, b"hosts: files dns\n")
    layer.files["root/notes.txt"] = (0o644, b"a file to edit\n")
    return layer


def libraries(program: str) -> list[str]:
    """The shared libraries that a program or library of this machine needs."""
    listing = subprocess.check_output(["ldd", program], text=True)
    words = [line.partition("=>")[2] or line for line in listing.splitlines()]
    paths = [word.split()[0] for word in words if word.strip()]
    return [path for path in paths if path.startswith("/")]


def which(program: str) -> str:
    """Where a program of this machine is, links followed. Raises ``FileNotFoundError``."""
    path = shutil.which(program)
    if path is None:
        raise FileNotFoundError(f"{program} is not installed")
    return str(Path(path).resolve())


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    tar.addfile(info, io.BytesIO(content))
