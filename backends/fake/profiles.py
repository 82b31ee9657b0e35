"""What is inside the images of the simulated world: shells, processes, default user, kind of log, files."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Profile:
    """What a container of an image looks like from within."""

    shells: tuple[str, ...] = ("sh",)
    user: str = "root"
    workdir: str = "/"
    command: tuple[str, ...] = ("/entrypoint",)
    processes: tuple[tuple[str, str], ...] = ()
    """(user, command) beside the first process."""
    log: str = "plain"
    """Which lines it writes; see ``loglines``."""
    files: dict[str, str] = field(default_factory=dict)
    health: tuple[str, ...] = ()
    cpu: float = 2.0
    """Percent of a core."""
    memory: int = 64
    """MiB."""
    os: str = "Debian GNU/Linux 12 (bookworm)"


_ALPINE = "Alpine Linux v3.20"
_PHP = """<?php
$servername = "mysql";
$username   = "root";
$password   = getenv("DB_PASSWORD");
$dbname     = "courses";

$conn = new mysqli($servername, $username, $password, $dbname);
if ($conn->connect_error) {
    die("Connection failed: " . $conn->connect_error);
}
?>
"""

_PROFILES: dict[str, Profile] = {
    "hshar/webapp": Profile(
        ("bash", "sh"),
        "root",
        "/var/www/html",
        ("apache2-foreground",),
        (("www-data", "apache2 -DFOREGROUND"), ("www-data", "apache2 -DFOREGROUND")),
        "apache",
        {"/var/www/html/index.php": _PHP, "/usr/local/etc/php/php.ini": "memory_limit = 128M\n"},
        cpu=3.0,
        memory=41,
    ),
    "hshar/mysql": Profile(
        ("bash", "sh"), "root", "/", ("mysqld",), (("mysql", "mysqld"),), "mysql", cpu=7.0, memory=412
    ),
    "traefik": Profile(
        ("ash", "sh"), "root", "/", ("traefik", "--providers.swarm"), (), "traefik", os=_ALPINE, cpu=4.0, memory=96
    ),
    "traefik/whoami": Profile((), "root", "/", ("/whoami",), (), "plain", os="", cpu=0.1, memory=6),
    "grafana/grafana": Profile(
        ("bash", "ash", "sh"), "grafana", "/usr/share/grafana", ("/run.sh",), (), "logfmt", os=_ALPINE, memory=188
    ),
    "grafana/loki": Profile(("sh",), "loki", "/", ("/usr/bin/loki",), (), "logfmt", memory=240),
    "prom/node-exporter": Profile(("sh",), "nobody", "/", ("/bin/node_exporter",), (), "logfmt", cpu=1.0, memory=18),
    "prom/prometheus": Profile(
        ("sh",), "nobody", "/prometheus", ("/bin/prometheus",), (), "logfmt", cpu=9.0, memory=1126
    ),
    "shop/api": Profile(
        ("bash", "sh"),
        "node",
        "/app",
        ("node", "server.js"),
        (),
        "api",
        {"/app/server.js": "require('./api').listen(8080)\n", "/app/package.json": '{"name":"api"}\n'},
        ("CMD", "curl", "-fs", "localhost:8080/healthz"),
        11.0,
        210,
    ),
    "shop/web": Profile(
        ("ash", "sh"), "root", "/", ("nginx",), (("nginx", "nginx: worker process"),), "nginx", os=_ALPINE
    ),
    "shop/worker": Profile(("sh",), "root", "/app", ("/app/worker",), (), "worker", cpu=3.0, memory=77),
    "postgres": Profile(
        ("bash", "sh"),
        "postgres",
        "/",
        ("postgres",),
        (("postgres", "postgres: checkpointer"), ("postgres", "postgres: walwriter")),
        "postgres",
        health=("CMD-SHELL", "pg_isready -U shop"),
        cpu=6.0,
        memory=380,
    ),
    "redis": Profile(("ash", "sh"), "redis", "/data", ("redis-server",), (), "redis", os=_ALPINE, memory=30),
    "adminer": Profile(
        ("ash", "sh"), "adminer", "/var/www/html", ("php", "-S", "[::]:8080"), (), "apache", os=_ALPINE, memory=22
    ),
    "registry": Profile(("ash", "sh"), "root", "/", ("registry", "serve"), (), "logfmt", os=_ALPINE, memory=25),
    "busybox": Profile(("ash", "sh"), "root", "/", ("sleep", "infinity"), (), "plain", memory=2),
    "gcr.io/distroless/static": Profile((), "nonroot", "/", ("/app",), (), "plain", os="", memory=9),
}


def profile_of(image: str) -> Profile:
    """The profile of an image reference; a plain Debian where nothing is known of it."""
    name = image.partition("@")[0]
    repository = name.rpartition(":")[0] if ":" in name.rpartition("/")[2] else name
    if repository in _PROFILES:
        return _PROFILES[repository]
    if repository.startswith(("prom/", "oliver006/")):
        program = repository.partition("/")[2]
        return Profile(("sh",), "nobody", "/", (f"/bin/{program}",), (), "logfmt", memory=24)
    if repository.startswith("img"):
        return Profile(("sh",), log="hostile")
    return Profile(("bash", "sh"))
