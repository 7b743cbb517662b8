"""A standalone Spark cluster on the loopback: a master and workers, from the classes that pyspark brings along."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from tests.servers.process import NotInstalled, free_port, listens, need, process, tail

from haechi.model.settings import EngineSettings

# Small data: compiling queries, many partitions and the JVM's second compiler cost more than they bring.
SMALL = {
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}
LOCAL = EngineSettings(kind="spark", master="local[1]", memory="1GB", options=SMALL)


def needed() -> None:
    """Raises NotInstalled where Spark or Java is missing."""
    need("java", install="apt-get install openjdk-17-jre-headless")
    for package in ("pyspark", "sqlglot"):
        if importlib.util.find_spec(package) is None:
            raise NotInstalled(f"{package} is not installed; pip install 'haechi[spark]'")


@dataclass(frozen=True)
class Worker:
    running: subprocess.Popen[bytes]
    folder: Path

    def finished(self) -> int:
        """How many tasks it has done, by what its executors log of them."""
        logs = (log.read_text(errors="replace") for log in self.folder.glob("app-*/*/stderr"))
        return sum(log.count("bytes result sent to driver") for log in logs)

    def executors(self) -> list[psutil.Process]:
        """The processes in which it works just now."""
        return psutil.Process(self.running.pid).children(recursive=True)

    def kill(self) -> None:
        """As a machine dies that loses its power: the worker and what it works in, at once."""
        for one in self.executors():
            one.send_signal(signal.SIGKILL)
        self.running.kill()


@dataclass(frozen=True)
class Cluster:
    url: str
    workers: Sequence[Worker]


@contextmanager
def running(folder: Path, workers: int = 2, memory: str = "512m") -> Iterator[Cluster]:
    """A master and so many workers, of one core each."""
    needed()
    spec = importlib.util.find_spec("pyspark")
    assert spec is not None and spec.origin is not None
    program = Path(spec.origin).parent / "bin" / "spark-class"
    port = free_port()
    url = f"spark://127.0.0.1:{port}"
    env = {
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "SPARK_NO_DAEMONIZE": "1",
    }
    with ExitStack() as started:
        master = [program, "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1"]
        ports = ["--port", str(port), "--webui-port", str(free_port())]
        started.enter_context(process(folder, "master", [*master, *ports], lambda: listens(port), env=env))
        made = []
        for n in range(workers):
            work = folder / f"work-{n}"
            own = [program, "org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--cores", "1"]
            own += ["--memory", memory, "--work-dir", str(work)]
            own += ["--webui-port", str(free_port()), url]
            name = f"worker-{n}"
            log = folder / f"{name}.log"
            one = process(folder, name, own, lambda log=log: "Successfully registered" in tail(log), env=env)
            made.append(Worker(started.enter_context(one), work))
        yield Cluster(url, made)


def environment() -> dict[str, str]:
    """For a driver on the same machine."""
    return {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"}
