"""Spark within this process, or a visible skip where it is not installed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping

import pyarrow as pa
import pytest
from tests.servers.process import NotInstalled
from tests.servers.spark import LOCAL, needed

from haechi.store.spark.engine import SparkEngine

Opened = Callable[[Mapping[str, pa.Table]], SparkEngine]


@pytest.fixture(scope="session")
def spark_memory() -> Iterator[Opened]:
    """Opens engines of Spark over tables; one JVM for all tests of a process."""
    try:
        needed()
    except NotInstalled as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    from haechi.store.spark.open import spark_memory_engine
    from haechi.store.spark.session import stop

    yield lambda tables: spark_memory_engine(tables, LOCAL)
    stop()
