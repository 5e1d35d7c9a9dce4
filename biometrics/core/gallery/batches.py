"""Many probes against one matrix at a time: the matrix is read once for all of them."""

from functools import cache

import numpy as np
import onnxruntime
from onnx import TensorProto, helper

from biometrics.core.faces.engine import Array, Metric

# a block in single precision stays in the processor's second cache: 2048 x 128 x 4 bytes
BLOCK_ROWS = 2048
# the best of each so many rows is kept; a divisor of BLOCK_ROWS
RUN_ROWS = 64
OPSET = 17
IR_VERSION = 8


class HalfProduct:
    """Compares blocks of half-precision rows with a batch of probes, on one thread.

    numpy turns half into single precision number by number; onnxruntime does it with vector instructions, 2 to 3 times as fast
    for the whole product. Values are inner products, and for EUCLIDEAN 2 x.q - |x|^2, which rises as the distance falls.
    """

    def __init__(self, metric: Metric) -> None:
        self.metric = metric
        rows = helper.make_tensor_value_info("rows", TensorProto.FLOAT16, [None, None])
        probes = helper.make_tensor_value_info("probes", TensorProto.FLOAT, [None, None])
        values = helper.make_tensor_value_info("values", TensorProto.FLOAT, [None, None])
        nodes = [
            helper.make_node("Cast", ["rows"], ["single"], to=TensorProto.FLOAT),
            helper.make_node("MatMul", ["single", "probes"], ["products"]),
        ]
        if metric is Metric.COSINE:
            nodes[-1] = helper.make_node("MatMul", ["single", "probes"], ["values"])
            constants = []
        else:
            constants = [
                helper.make_tensor("two", TensorProto.FLOAT, [], [2.0]),
                helper.make_tensor("axes", TensorProto.INT64, [1], [1]),
            ]
            nodes += [
                helper.make_node("Mul", ["products", "two"], ["doubled"]),
                helper.make_node("Mul", ["single", "single"], ["squares"]),
                helper.make_node("ReduceSum", ["squares", "axes"], ["lengths"], keepdims=1),
                helper.make_node("Sub", ["doubled", "lengths"], ["values"]),
            ]
        graph = helper.make_graph(nodes, "half_product", [rows, probes], [values], constants)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
        )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )

    def __call__(self, rows: Array, columns: Array) -> Array:
        """Return the values of a block, float32 (n, Q). rows: float16 (n, D). columns: float32 (D, Q), C order."""
        values: Array = self._session.run(None, {"rows": rows, "probes": columns})[0]
        return values

    def as_values(self, scores: Array, probes: Array) -> Array:
        """Return what value a score is for each probe. scores: float32 (Q,). probes: float32 (Q, D)."""
        if self.metric is Metric.COSINE:
            return scores
        lengths: Array = np.einsum("qd,qd->q", probes, probes) - np.square(1.0 - scores)
        return lengths

    def as_scores(self, values: Array, lengths: Array) -> Array:
        """Return the scores of values. lengths: of each value's probe, squared."""
        if self.metric is Metric.COSINE:
            return values
        scores: Array = 1.0 - np.sqrt(np.maximum(lengths - values, 0.0))
        return scores


@cache
def half_product(metric: Metric, process_id: int) -> HalfProduct:
    """Return this process's product; process_id keeps one that was made before a fork from being used behind it."""
    return HalfProduct(metric)


def rows_above(product: HalfProduct, half: Array, probes: Array, floors: Array) -> tuple[Array, Array]:
    """Return every (probe, row) whose score reaches that probe's floor, two int64 arrays of one length.

    half: float16 (N, D). probes: float32 (Q, D). floors: float32 (Q,), scores; lower them by the slack of half precision.
    """
    least = product.as_values(floors, probes)
    columns = np.ascontiguousarray(probes.T)
    found_probes, found_rows = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for first in range(0, len(half), BLOCK_ROWS):
        values = product(half[first : first + BLOCK_ROWS], columns)
        if (values.max(axis=0) >= least).any():
            rows, of_probes = np.nonzero(values >= least)
            found_probes.append(of_probes)
            found_rows.append(rows + first)
    return np.concatenate(found_probes), np.concatenate(found_rows)


def nearest_many(product: HalfProduct, half: Array, probes: Array, count: int) -> list[tuple[Array, Array]]:
    """Return for each probe the `count` rows most like it and their scores in half precision, best first.

    half: float16 (N, D). probes: float32 (Q, D). count: >= 1. One pass keeps the best value of every RUN_ROWS
    rows only; `count` runs reach the count-th best of these, so no row of another run can be among the best `count`.
    Then those runs are looked at.
    """
    columns = np.ascontiguousarray(probes.T)
    lengths = np.einsum("qd,qd->q", probes, probes)
    best_of_runs = np.full((-(-len(half) // RUN_ROWS), len(probes)), -np.inf, np.float32)
    for first in range(0, len(half), BLOCK_ROWS):
        values = product(half[first : first + BLOCK_ROWS], columns)
        run, whole = first // RUN_ROWS, len(values) // RUN_ROWS
        if whole:
            in_runs = values[: whole * RUN_ROWS].reshape(whole, RUN_ROWS, len(probes))
            best_of_runs[run : run + whole] = in_runs.max(axis=1)
        if len(values) > whole * RUN_ROWS:
            best_of_runs[run + whole] = values[whole * RUN_ROWS :].max(axis=0)
    answers = []
    for number, length in enumerate(lengths):
        best = np.ascontiguousarray(best_of_runs[:, number])
        floor = np.partition(best, len(best) - count)[len(best) - count] if len(best) > count else -np.inf
        runs = np.flatnonzero(best >= floor)
        rows = (runs[:, None] * RUN_ROWS + np.arange(RUN_ROWS)).ravel()
        rows = rows[rows < len(half)]
        values = product(np.ascontiguousarray(half[rows]), columns[:, number : number + 1].copy())[:, 0]
        order = np.argsort(-values, kind="stable")[:count]
        answers.append((rows[order], product.as_scores(values[order], length)))
    return answers
