"""Starting Spark: one context a process, and a session of its own for each engine."""

from __future__ import annotations

import importlib.util
import logging
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from haechi.model.errors import EngineError
from haechi.model.settings import EngineSettings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Errors only, and to standard error: standard output is the answer's.
_QUIET = """
rootLogger.level = error
rootLogger.appenderRef.stderr.ref = stderr
logger.gateway.name = org.apache.spark.api.python.PythonGatewayServer
logger.gateway.level = error
appender.console.type = Console
appender.console.name = stderr
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = spark: %p %c{1}: %m{nolookups}%ex{short.className}%n
"""
# What the same rows as DuckDB's rest on, and who may read them. Nobody may set these otherwise.
MEANING = {
    "spark.sql.ansi.enabled": "true",  # an overflow is an error
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.caseSensitive": "false",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    "spark.sql.legacy.storeAnalyzedPlanForView": "false",  # a view sees the tables as they are when it is read
    "spark.sql.session.localRelationCacheThreshold": "67108864",
    "spark.sql.files.ignoreMissingFiles": "false",  # a file that is missing is no smaller answer
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.hadoop.fs.permissions.umask-mode": "077",  # what stands in the working folder is its owner's
}
# Each of these brings back what another version meant, or puts in what others wrote.
_OTHERWISE = ("spark.sql.legacy.", "spark.sql.extensions")
_USUAL = {
    "spark.app.name": "haechi",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "256",
    "spark.sql.optimizer.runtime.bloomFilter.enabled": "true",
    "spark.sql.maxPlanStringLength": "0",
    # It would work out what is at hand while a query is planned, row by row in the driver, at each look at the plan.
    "spark.sql.optimizer.excludedRules": "org.apache.spark.sql.catalyst.optimizer.ConvertToLocalRelation",
}
# Within one machine nothing needs to be heard of outside, and few partitions are enough.
_LOCAL = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "8",
}
# Hundreds of queries, each over in a moment: what pays off later costs more than it brings.
_SMALL = {
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.optimizer.runtime.bloomFilter.enabled": "false",
}
_SMALL_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
SMALL = 2_000_000  # records of a store for which local Spark is set up so
_LOGS = (
    "SQLQueryContextLogger",
    "DataFrameQueryContextLogger",
    "py4j",
    "py4j.clientserver",
    "py4j.java_gateway",
)
_JAVA = "spark.driver.extraJavaOptions"


def available() -> bool:
    """Whether the package that Spark comes with is installed."""
    return importlib.util.find_spec("pyspark") is not None and importlib.util.find_spec("sqlglot") is not None


def open_session(settings: EngineSettings, records: int = 0) -> SparkSession:
    """A session of the process's Spark context, which is started if there is none.

    `records`: how many there are to read. It changes how fast local Spark is, and no answer.

    Raises:
        EngineError: Spark is not installed or cannot be started; an option would change what queries mean; or another
            master was asked for than the one that this process is connected to.
    """
    if not available():
        raise EngineError(
            "Spark is asked for, and not installed.",
            where="haechi.toml: [engine] kind",
            todo="pip install 'haechi[spark]' (it needs Java 17 or later), or set kind = \"duckdb\".",
        )
    for name in settings.options:
        if name in MEANING or name.startswith(_OTHERWISE):
            raise EngineError(
                f"{name} cannot be set: answers rest on it, or who may read them.",
                where="haechi.toml: [engine.options]",
                todo="Take it out.",
            )
    from pyspark.sql import SparkSession

    _say_nothing()
    running = SparkSession.getActiveSession() or SparkSession._instantiatedSession
    if running is not None and running.sparkContext._jsc is not None:
        if running.sparkContext.master != settings.master:
            raise EngineError(
                f"Spark runs already, with the master {running.sparkContext.master}.",
                todo="One process talks to one master.",
            )
        session = running.newSession()
        for name, value in _usual(settings, records).items():
            if name.startswith("spark.sql."):  # the others are the context's
                session.conf.set(name, value)
        return session
    return _started(settings, records)


def stop() -> None:
    """Stop the process's Spark context, if there is one."""
    if not available():
        return
    from pyspark.sql import SparkSession

    running = SparkSession._instantiatedSession
    if running is not None:
        running.stop()


def _started(settings: EngineSettings, records: int) -> SparkSession:
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(settings.master)
    try:
        with tempfile.TemporaryDirectory(prefix="haechi-spark-") as folder:  # 0700; read while the JVM starts
            log = Path(folder) / "log4j2.properties"
            log.write_text(_QUIET, encoding="utf-8")
            for name, value in config(settings, log, records).items():
                builder = builder.config(name, value)
            session = builder.getOrCreate()
    except (PySparkException, OSError) as error:
        raise _cannot_start(settings, error) from None
    except Exception as error:  # py4j has an error of its own for each way in which the JVM says no
        if type(error).__module__.partition(".")[0] != "py4j":
            raise
        raise _cannot_start(settings, error) from None
    return session


def _cannot_start(settings: EngineSettings, error: Exception) -> EngineError:
    return EngineError(
        f"Spark cannot be started with the master {settings.master}: {type(error).__name__}.",
        where="haechi.toml: [engine]",
        todo="Is Java 17 or later installed, and does the master answer? What Spark itself said stands above.",
    )


def config(settings: EngineSettings, log: Path, records: int = 0) -> Mapping[str, str]:
    """Spark's options: what is usual, what haechi.toml says, and what the meaning of queries rests on.

    `log`: where Spark's logging is set, which is a file that the JVM reads.
    """
    java = settings.options.get(_JAVA, _SMALL_JAVA if _is_small(settings, records) else "")
    return {
        "spark.driver.memory": _amount(settings.memory),
        **_usual(settings, records),
        _JAVA: f"-Dlog4j2.configurationFile=file:{log} {java}",
        **MEANING,
    }


def _usual(settings: EngineSettings, records: int) -> dict[str, str]:
    here = _LOCAL if settings.master.startswith("local") else {}
    small = _SMALL if _is_small(settings, records) else {}
    return {**_USUAL, **here, **small, **settings.options}


def _is_small(settings: EngineSettings, records: int) -> bool:
    return settings.master.startswith("local") and records < SMALL


def _amount(memory: str) -> str:
    """An amount of memory as the JVM reads it: whole mebibytes."""
    number, unit = re.fullmatch(r"\s*([\d.]+)\s*([KMGT]?)i?B?\s*", memory, re.I).groups()  # type: ignore[union-attr]
    return f"{max(512, int(float(number) * 1024 ** (' KMGT'.index(unit.upper() or ' ') - 2)))}m"


def _say_nothing() -> None:
    """What Spark says of a query that failed may hold values out of the data."""
    for name in _LOGS:
        logging.getLogger(name).disabled = True
