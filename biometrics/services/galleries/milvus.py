"""Milvus: a cluster for galleries beyond one database, or Milvus Lite in a file for tests; the same client for both."""

import functools
import importlib
import os
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from django.conf import settings

from biometrics.core.faces import Metric
from biometrics.models import Gallery
from biometrics.services.galleries.indexes import Vector, to_microseconds
from biometrics.services.galleries.rows import id_of_halves
from biometrics.services.galleries.sealed_file import Records
from biometrics.services.galleries.shared import BackendUnavailable, SharedBackend, to_ids

ID_CHARACTERS = 36
TIMEOUT_S = 10
BATCH = 1000
METRICS = {Metric.COSINE: "IP", Metric.EUCLIDEAN: "L2"}


class MilvusStore:
    """One collection `gallery_<id>`."""

    def __init__(self, gallery_id: UUID, *, metric: Metric, dimension: int) -> None:
        self._name = f"gallery_{gallery_id.hex}"
        self._metric = METRICS[metric]
        self._dimension = dimension

    def prepare(self) -> None:
        client = connect()
        if client.has_collection(self._name, timeout=TIMEOUT_S):
            return
        kinds = _library().DataType
        schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("member", kinds.VARCHAR, is_primary=True, max_length=ID_CHARACTERS)
        schema.add_field("valid_from", kinds.INT64)
        schema.add_field("valid_until", kinds.INT64)
        schema.add_field("vector", kinds.FLOAT_VECTOR, dim=self._dimension)
        index = client.prepare_index_params()
        index.add_index(
            "vector", index_type="HNSW", metric_type=self._metric, params={"M": 16, "efConstruction": 100}
        )
        # a search sees everything written before it: the rows say that it is there
        client.create_collection(
            self._name, schema=schema, index_params=index, consistency_level="Strong", timeout=TIMEOUT_S
        )

    def discard(self) -> None:
        client = connect()
        if client.has_collection(self._name, timeout=TIMEOUT_S):
            client.drop_collection(self._name, timeout=TIMEOUT_S)

    def put(self, records: Records) -> None:
        rows = [
            {
                "member": str(id_of_halves(record["member"])),
                "valid_from": int(record["valid_from"]),
                "valid_until": int(record["valid_until"]),
                "vector": record["vector"],
            }
            for record in records
        ]
        for first in range(0, len(rows), BATCH):
            connect().upsert(self._name, data=rows[first : first + BATCH], timeout=TIMEOUT_S)

    def drop(self, members: list[UUID]) -> None:
        for first in range(0, len(members), BATCH):
            ids = [str(member) for member in members[first : first + BATCH]]
            connect().delete(self._name, ids=ids, timeout=TIMEOUT_S)

    def nearest(self, probe: Vector, *, count: int, at: datetime) -> list[UUID]:
        at_us = to_microseconds(at)
        found = connect().search(
            self._name,
            data=[np.asarray(probe, np.float32)],
            anns_field="vector",
            limit=count,
            filter=f"valid_from <= {at_us} and valid_until > {at_us}",
            search_params={"params": {"ef": 2 * count}},
            output_fields=["member"],
            timeout=TIMEOUT_S,
        )
        return to_ids(hit["member"] for hit in found[0])


class MilvusBackend(SharedBackend):
    """At MILVUS_URI: the address of a cluster, or a file for Milvus Lite, which one process at a time may open."""

    name = "milvus"

    def make_store(self, gallery: Gallery, *, metric: Metric, dimension: int) -> MilvusStore:
        return MilvusStore(gallery.id, metric=metric, dimension=dimension)


def connect() -> Any:
    """Return this process's client. Raises BackendUnavailable."""
    return _connect(settings.MILVUS_URI, os.getpid())


@functools.cache
def _connect(uri: str, process_id: int) -> Any:
    # the process id belongs to the key: a connection opened before a fork must not be used behind it
    return _library().MilvusClient(uri, timeout=TIMEOUT_S)


def _library() -> Any:
    # not a dependency of everybody, and it takes seconds to import
    try:
        return importlib.import_module("pymilvus")
    except ImportError as missing:
        raise BackendUnavailable("GALLERY_BACKEND=milvus needs the package pymilvus") from missing
