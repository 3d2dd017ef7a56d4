"""`make test-published` checks that Compose starts from published images alone, on an empty engine.

Images are built and pushed to a registry on this machine. Then the engine is emptied, and Compose starts in a
folder that has only the compose file and ``deploy``. Prints each command and its output, as a transcript. The
engine is used for this test only (`tests/compose/engine`).
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from releasing.release import PYPROJECTS, Tree
from tests.compose.api_client import ApiClient
from tests.compose.stack import ENGINE, ROOT, CommandFailed, Stack, own_engine, run
from tests.support.ports import free_ports

BASES = ("redis:7-bookworm", "postgres:15-bookworm")
"""The public images that the compose file names. The registry stands in for Docker Hub."""
SUM = {
    "python3": "print(sum(map(int, input().split())))\n",
    "c17": "#include <stdio.h>\n"
    'int main(void){long long a,b;scanf("%lld %lld",&a,&b);printf("%lld\\n",a+b);}\n',
}
SHOWN = ("queue", "state", "verdict", "compiler")


@dataclass
class Published:
    """The registry and the version of its images, and a stack whose folder is empty at first."""

    stack: Stack
    registry: str
    version: str

    @property
    def images(self) -> str:
        return f"{self.registry}/gavel/"

    def show(self, words: list[str], printed: str) -> None:
        lines = printed.strip().splitlines()
        print(f"$ {shlex.join(words)}", *lines[:40], sep="\n", flush=True)

    def engine(self, *words: str) -> str:
        """Run a command of tests/compose/engine. Returns its output."""
        return run([ENGINE, *words], self.stack.environment, 1800)

    def docker(self, *words: str, timeout_seconds: float = 1800) -> str:
        printed = self.stack.engine(*words, timeout_seconds=timeout_seconds)
        self.show(["docker", *words], printed)
        return printed

    def compose(self, *words: str) -> str:
        printed = self.stack.compose(*words)
        self.show(["docker", "compose", *words], printed)
        return printed

    # ------------------------------------------------------------ the registry

    def publish(self) -> None:
        """Build both images as `make images` does. Push them, and the public images that the compose file
        names."""
        environment = {**self.stack.environment, "GAVEL_IMAGES": self.images, "TOOLCHAINS": "slim"}
        self.show(["make", "images"], run([sys.executable, "-m", "releasing.images"], environment, 3600))
        for name in ("gavel-api", "gavel-worker"):
            self.docker("push", "--quiet", f"{self.images}{name}:{self.version}")
        for base in BASES:
            mirrored = f"{self.registry}/library/{base}"
            self.stack.engine("tag", base, mirrored)
            self.docker("push", "--quiet", mirrored)

    def empty(self) -> None:
        """Stop the engine, move its images, containers and volumes aside, and start it with the registry as
        its only mirror."""
        for act in ("stop", "empty", "start"):
            self.engine(act)
        images = self.docker("image", "ls", "--quiet")
        volumes = self.docker("volume", "ls", "--quiet")
        assert not images and not volumes, "the engine is not empty"

    # ------------------------------------------------------------ the folder

    def prepare_folder(self) -> None:
        """Fill the folder with the compose file, ``deploy``, and an .env that names the images."""
        shutil.copy2(ROOT / "docker-compose.yml", self.stack.folder)
        shutil.copytree(ROOT / "deploy", self.stack.folder / "deploy")
        self.stack.secrets.write_text(
            f"GAVEL_IMAGES={self.images}\nGAVEL_VERSION={self.version}\n"
            f"GAVEL_HTTP_PORT={self.stack.port}\nGAVEL_PUBLIC_URL={self.stack.url}\n"
        )
        words: list[str | Path] = [self.stack.folder / "deploy/make-secrets", str(self.stack.secrets)]
        self.show(["deploy/make-secrets"], run(words, self.stack.environment))
        self.show(["ls", "-A"], "\n".join(sorted(path.name for path in self.stack.folder.iterdir())))

    def start(self) -> None:
        self.compose("up", "-d", "--wait", "--wait-timeout", "580", "--scale", "premium-worker=3")
        self.compose("ps", "--format", "table {{.Service}}\t{{.Image}}\t{{.Status}}")
        digests = self.docker("image", "ls", "--digests", "--format", "{{.Repository}} {{.Digest}}")
        for name in ("gavel-api", "gavel-worker"):
            found = [line for line in digests.splitlines() if line.startswith(f"{self.images}{name} ")]
            assert len(found) == 1 and "sha256:" in found[0], f"{name} was not pulled"

    def judge(self) -> None:
        """Submit programs to each queue, with the accounts that the first start has made, and check their
        verdicts."""
        accounts = self.stack.credentials()
        workers = ApiClient(self.stack.url, accounts["admin"]["key"]).get("/admin/workers")
        live = [row["queue"] for row in workers["workers"] if row["state"] != "lost"]
        print(f"live workers: {live.count('normal')} normal, {live.count('premium')} premium", flush=True)
        assert (live.count("normal"), live.count("premium")) == (1, 3)
        for tier in ("normal", "premium"):
            client = ApiClient(self.stack.url, accounts[tier]["key"])
            for language, source in SUM.items():
                submission = client.submit(language, source)
                assert submission is not None, client.refused
                status = client.wait(submission)
                shown = {name: status.get(name) for name in SHOWN} | {"mode": status["sandbox"]["mode"]}
                print(f"POST /submissions as {tier}, {language}: {json.dumps(shown)}", flush=True)
                assert (status["verdict"], status["queue"]) == ("AC", tier)

    def say_versions(self) -> None:
        """Check that both images print their version, as an ordinary user and without any setting."""
        for name, words in (("gavel-api", ("gavel", "--version")), ("gavel-worker", ("--version",))):
            image = f"{self.images}{name}:{self.version}"
            assert self.version in self.docker(
                "run", "--rm", "--network", "none", "--user", "1000", image, *words
            )
        self.docker("image", "ls", "--format", "table {{.Repository}}\t{{.Tag}}\t{{.Size}}")


def run_all(published: Published) -> bool:
    with ExitStack() as ends:
        ends.callback(published.engine, "restore")
        ends.callback(published.engine, "stop")
        for act in ("install", "registry"):
            published.engine(act)
        ends.callback(published.engine, "stop-registry")
        for act in ("start", "images"):
            published.engine(act)
        published.publish()
        published.empty()
        published.prepare_folder()
        ends.callback(published.stack.down)
        published.start()
        published.judge()
        published.say_versions()
    return True


def main() -> int:
    argparse.ArgumentParser(prog="python -m tests.compose.published", description=__doc__).parse_args()
    port, registry = free_ports(2)
    environment = {**os.environ, **own_engine(), "GAVEL_TEST_REGISTRY": str(registry)}
    with tempfile.TemporaryDirectory(prefix="gavel-published-") as name:
        folder = Path(name)
        stack = Stack(port, folder / ".env", environment, "/usr/bin/docker", folder)
        published = Published(stack, f"127.0.0.1:{registry}", Tree(ROOT).versions()[PYPROJECTS[0]])
        try:
            run_all(published)
        except (AssertionError, CommandFailed, TimeoutError, subprocess.TimeoutExpired) as error:
            print(f"FAILED: {error}", file=sys.stderr)
            return 1
    print("\n1 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
