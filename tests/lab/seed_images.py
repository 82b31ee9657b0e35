"""The images of a walk: a web application in PHP with nano beside it, and a database with its client.

Made of this machine's own packages (``packages.sh``), under the names that a well-known tutorial pulls. The database
is MariaDB. Its root's password is in the environment variable ``MYSQL_ROOT_PASSWORD``, as in such images; the
application's ``index.php`` has another server and password in it, which somebody has to set right.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.lab.images import UTF8, Image, Layer, cached, full_layer, libraries, which

WEBAPP = "hshar/webapp:latest"
MYSQL = "hshar/mysql:5.5"
PASSWORD = "s3cret"

_INDEX = """\
<?php
$servername = "localhost";
$password = "";
$db = @mysqli_init();
try {
    $db->real_connect($servername, "root", $password, "courses");
    if ($_SERVER["REQUEST_METHOD"] == "POST") {
        $add = $db->prepare("INSERT INTO course_details VALUES (?, ?)");
        $add->execute([$_POST["name"], $_POST["id"]]);
    }
    foreach ($db->query("SELECT * FROM course_details") as $row) {
        echo "<p>", htmlspecialchars("$row[course_name] $row[course_id]"), "</p>\\n";
    }
} catch (mysqli_sql_exception $problem) {
    http_response_code(500);
    echo "<p>Connection failed: ", htmlspecialchars($problem->getMessage()), "</p>\\n";
}
?>
<form method="post">
  Course name <input name="name"> Course id <input name="id"> <button>Add</button>
</form>
"""

#: What an engine stops is to end at once; a first process gets no default action for SIGTERM.
_ENDING = "trap 'kill $!; wait; exit 0' TERM"

_SERVE = f"{_ENDING}; php -n -d extension=mysqlnd -d extension=mysqli -S 0.0.0.0:80 -t /var/www/html & wait"

_DATABASE = f"""\
{_ENDING}
options="--no-defaults --user=root --datadir=/var/lib/mysql --lc-messages-dir=/usr/share/mysql
  --socket=/run/mysqld/mysqld.sock --skip-log-bin --innodb-log-file-size=4M --innodb-undo-tablespaces=0
  --innodb-data-file-path=ibdata1:4M:autoextend --innodb-temp-data-file-path=ibtmp1:4M:autoextend
  --innodb-buffer-pool-size=8M"
if [ ! -d /var/lib/mysql/mysql ]; then
  (printf 'create database mysql;\\nuse mysql;\\n'; cat /usr/share/mysql/tables.sql) | mariadbd $options --bootstrap
fi
for host in localhost %; do
  echo "CREATE OR REPLACE USER root@'$host' IDENTIFIED BY '$MYSQL_ROOT_PASSWORD';"
  echo "GRANT ALL ON *.* TO root@'$host' WITH GRANT OPTION;"
done >/tmp/init.sql
mariadbd $options --init-file=/tmp/init.sql & wait
"""

#: Its first start makes the tables, which takes seconds; times are nanoseconds.
_HEALTH = {
    "Test": ["CMD-SHELL", "mariadb -p$MYSQL_ROOT_PASSWORD -e 'SELECT 1'"],
    "Interval": 3_000_000_000,
    "StartPeriod": 120_000_000_000,
}


def missing() -> list[str]:
    """Programs that are not on this machine and are needed."""
    found = []
    for program in ("php", "mariadbd", "mariadb"):
        try:
            which(program)
        except FileNotFoundError:
            found.append(program)
    return found


def archive() -> Path:
    """The archive of both images, made now if it is not in the cache. Raises ``FileNotFoundError``."""
    programs = ("busybox", "bash", "nano", "php", "mariadbd", "mariadb")
    return cached("seed", [Path(__file__), *(Path(which(program)) for program in programs)], _images)


def _images() -> Sequence[Image]:
    full = full_layer()
    web, database = ["bash", "-c", _SERVE], ["bash", "-c", _DATABASE]
    environment = (*UTF8, f"MYSQL_ROOT_PASSWORD={PASSWORD}")
    return [
        Image(
            WEBAPP, [full, _php()], {"Cmd": web, "WorkingDir": "/var/www/html", "ExposedPorts": {"80/tcp": {}}}, UTF8
        ),
        Image(
            MYSQL,
            [full, _mariadb()],
            {"Cmd": database, "ExposedPorts": {"3306/tcp": {}}, "Healthcheck": _HEALTH},
            environment,
        ),
    ]


def _with_libraries(layer: Layer, source: str | Path, target: str = "") -> None:
    layer.copy(source, target)
    for library in libraries(str(source)):
        layer.copy(library)


def _php() -> Layer:
    layer = Layer()
    _with_libraries(layer, which("php"), "usr/bin/php")
    folder = subprocess.check_output([which("php"), "-r", "echo ini_get('extension_dir');"], text=True)
    for name in ("mysqlnd", "mysqli"):
        _with_libraries(layer, Path(folder, f"{name}.so"))
    layer.files["var/www/html/index.php"] = (0o644, _INDEX.encode())
    return layer


def _mariadb() -> Layer:
    layer = Layer(folders={"run/mysqld": 0o755, "var/lib/mysql": 0o755})
    _with_libraries(layer, which("mariadbd"), "usr/sbin/mariadbd")
    _with_libraries(layer, which("mariadb"), "usr/bin/mariadb")
    layer.links["usr/bin/mysql"] = "mariadb"
    # Newer packages have another name for the folder and for the files.
    shared = next(
        path for path in (Path("/usr/share/mysql"), Path("/usr/share/mariadb")) if (path / "english").exists()
    )
    layer.copy(shared / "english/errmsg.sys", "usr/share/mysql/english/errmsg.sys")
    tables = b""
    for name in ("system_tables.sql", "system_tables_data.sql"):
        (path,) = (path for path in (shared / f"mariadb_{name}", shared / f"mysql_{name}") if path.exists())
        tables += path.read_bytes()
    layer.files["usr/share/mysql/tables.sql"] = (0o644, tables)
    # The client looks for it where its own socket is by default.
    layer.files["etc/mysql/my.cnf"] = (0o644, b"[client]\nsocket=/run/mysqld/mysqld.sock\n")
    return layer
