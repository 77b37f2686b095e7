"""How the sandbox starts its servers, whatever folder somebody cloned it into."""

import subprocess
from pathlib import Path

from sandbox.processes import launcher


def test_a_server_finds_its_programs_below_a_folder_that_only_its_owner_may_enter(
    tmp_path: Path,
) -> None:
    """A clone in /root, as on rented servers: `initdb` asks by access(2), as `test -x` does."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    program = home / "initdb"
    program.touch(mode=0o755)
    asked = subprocess.run([*launcher(drop_root=True), "/usr/bin/test", "-x", program], check=False)
    assert asked.returncode == 0
