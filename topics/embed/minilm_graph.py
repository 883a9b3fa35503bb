"""The network of all-MiniLM-L6-v2 as an ONNX graph: tokens in, unit vectors out.

BERT (Devlin et al., 2019) with layers of width 384 and 12 heads, the mean over tokens and the L2 norm, in
ONNX Runtime's fused operators; multilingual-e5-small is the same network with twice the layers. The graph
holds no weights, only their names: a few kilobytes that are built in milliseconds, while the weights stay in
the arrays that were read from disk.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Arrays = dict[str, npt.NDArray[Any]]
Precision = Literal["fp32", "int8"]

WIDTH = 384
_HEADS = 12
_EPSILON = 1e-12
_EMBEDDINGS = "embeddings."
_WORDS = _EMBEDDINGS + "word_embeddings.weight"
_OPSET = 17
_IR_VERSION = 8
"""The oldest versions that have every operator used here, so that any supported ONNX Runtime reads them."""

_FUSED = "com.microsoft"
_INT8_STEPS = 64
"""Weights take 7 bits of 8: without VNNI instructions, sums of two products saturate at 16 bits otherwise."""


def build(
    weights: Mapping[str, npt.NDArray[Any]], precision: Precision, *, name: str = "all-MiniLM-L6-v2"
) -> tuple[bytes, Arrays]:
    """The serialised model and the arrays for its initializers, by name.

    Input `ids`: (papers, tokens) int32, all papers of one length. Where the weights have no embeddings of
    words, the input is `words`, (papers, tokens, 384) float32, each token's embedding. Output `vectors`:
    (papers, 384) float32 of length 1. `int8` stores each column of a weight matrix with its own scale and
    quantises what flows between the layers as it comes, one scale per call.

    weights: as in the model's safetensors file.
    """
    from onnx import TensorProto, helper

    graph = _Graph(precision)
    looked_up = _WORDS not in weights
    hidden = _place_words(graph, weights) if looked_up else _embed_tokens(graph, weights)
    for number in itertools.count():
        if f"encoder.layer.{number}.output.dense.weight" not in weights:
            break
        hidden = _add_layer(graph, weights, f"encoder.layer.{number}.", hidden)
    # The sum over tokens as a product with ones: ReduceSum and ReduceMean add up in another order when a call
    # holds a single paper. The mean differs from the sum by a factor only, which the norm takes out.
    read = "words" if looked_up else "ids"
    length = graph.add("Shape", [read], "length", domain="", start=1, end=2)
    one = helper.make_tensor("one", TensorProto.FLOAT, [1], [1.0])
    ones = graph.add("ConstantOfShape", [length], "ones", domain="", value=one)
    total = graph.add("MatMul", [ones, hidden], "total", domain="")
    graph.add("LpNormalization", [total], "vectors", domain="", axis=-1, p=2)

    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            name,
            [
                helper.make_tensor_value_info("words", TensorProto.FLOAT, ["papers", "tokens", WIDTH])
                if looked_up
                else helper.make_tensor_value_info("ids", TensorProto.INT32, ["papers", "tokens"])
            ],
            [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["papers", WIDTH])],
            initializer=[_placeholder(name, array) for name, array in graph.arrays.items()],
        ),
        opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid(_FUSED, 1)],
        ir_version=_IR_VERSION,
    )
    return model.SerializeToString(), graph.arrays


class _Graph:
    """Nodes and arrays under construction."""

    def __init__(self, precision: Precision) -> None:
        self.precision = precision
        self.nodes: list[Any] = []
        self.arrays: Arrays = {}

    def keep(self, name: str, array: npt.NDArray[Any]) -> str:
        self.arrays[name] = np.ascontiguousarray(array)
        return name

    def add(
        self, operator: str, inputs: list[str], *outputs: str, domain: str = _FUSED, **attributes: object
    ) -> str:
        """Append a node; gives the name of its first output."""
        from onnx import helper

        node = helper.make_node(operator, inputs, outputs, name=outputs[0], domain=domain, **attributes)
        self.nodes.append(node)
        return outputs[0]

    def plus(self, left: str, right: str, name: str) -> str:
        return self.add("Add", [left, right], name, domain="")

    def multiply(self, hidden: str, name: str, matrix: npt.NDArray[Any]) -> str:
        """The product in the graph's precision; its bias is left to the next, fused operator."""
        if self.precision == "fp32":
            # Kept as it lies in the file and turned when the network is loaded, so that it is not copied.
            stored = self.keep(f"{name}.stored", matrix.T)
            turned = self.add("Transpose", [stored], name, domain="", perm=[1, 0])
            return self.add("MatMul", [hidden, turned], f"{name}.product", domain="")
        return self.add("DynamicQuantizeMatMul", [hidden, *self._quantised(name, matrix)], f"{name}.product")

    def attend(self, hidden: str, name: str, matrix: npt.NDArray[Any], bias: npt.NDArray[Any]) -> str:
        """Self-attention; matrix (384, 3 * 384) holds query, key and value side by side."""
        bias_name = self.keep(f"{name}.bias", bias)
        if self.precision == "fp32":
            inputs = [hidden, self.keep(name, matrix), bias_name]
            return self.add("Attention", inputs, f"{name}.context", num_heads=_HEADS)
        parts = [f"{name}.{part}" for part in ("input", "input_scale", "input_zero")]
        self.add("DynamicQuantizeLinear", [hidden], *parts, domain="")
        values, scale, zero = self._quantised(name, matrix)
        inputs = [parts[0], values, bias_name, parts[1], scale, "", parts[2], zero]
        return self.add("QAttention", inputs, f"{name}.context", num_heads=_HEADS)

    def _quantised(self, name: str, matrix: npt.NDArray[Any]) -> list[str]:
        scale = np.maximum(np.abs(matrix).max(axis=0), np.finfo(np.float32).tiny) / _INT8_STEPS
        return [
            self.keep(name, np.rint(matrix / scale).astype(np.int8)),
            self.keep(f"{name}.scale", scale.astype(np.float32)),
            self.keep(f"{name}.zero", np.zeros(len(scale), np.int8)),
        ]


def _embed_tokens(graph: _Graph, weights: Mapping[str, npt.NDArray[Any]]) -> str:
    inputs = ["ids", "", graph.keep("words", weights[_WORDS]), _positions(graph, weights), ""]
    inputs += _norm(graph, weights, _EMBEDDINGS)
    return graph.add("EmbedLayerNormalization", inputs, "embedded", "mask_index", epsilon=_EPSILON)


def _place_words(graph: _Graph, weights: Mapping[str, npt.NDArray[Any]]) -> str:
    length = graph.add("Shape", ["words"], "many", domain="", start=1, end=2)
    first = graph.keep("first", np.zeros(1, np.int64))
    places = graph.add("Slice", [_positions(graph, weights), first, length], "places", domain="")
    inputs = [graph.plus("words", places, "placed"), *_norm(graph, weights, _EMBEDDINGS)]
    return graph.add("LayerNormalization", inputs, "embedded", domain="", epsilon=_EPSILON)


def _positions(graph: _Graph, weights: Mapping[str, npt.NDArray[Any]]) -> str:
    # A paper is one segment, so the embedding of segment 0 is the same everywhere: add it to the positions.
    segment = weights[_EMBEDDINGS + "token_type_embeddings.weight"][0]
    return graph.keep("positions", weights[_EMBEDDINGS + "position_embeddings.weight"] + segment)


def _add_layer(graph: _Graph, weights: Mapping[str, npt.NDArray[Any]], layer: str, hidden: str) -> str:
    attention, widen, narrow = layer + "attention.", layer + "intermediate.dense", layer + "output."
    heads = [f"{attention}self.{part}." for part in ("query", "key", "value")]
    context = graph.attend(
        hidden,
        attention + "self",
        np.concatenate([weights[head + "weight"] for head in heads]).T,
        np.concatenate([weights[head + "bias"] for head in heads]),
    )
    seen = _finish(graph, weights, attention + "output.", context, hidden)
    wide = graph.multiply(seen, widen, weights[widen + ".weight"].T)
    wide = graph.plus(wide, graph.keep(widen + ".bias", weights[widen + ".bias"]), widen + ".biased")
    return _finish(graph, weights, narrow, graph.add("Gelu", [wide], widen + ".gelu"), seen)


def _finish(
    graph: _Graph, weights: Mapping[str, npt.NDArray[Any]], part: str, inner: str, residual: str
) -> str:
    """The end of both halves of a layer: project, add the bias and the half's input, normalise."""
    dense = part + "dense"
    product = graph.multiply(inner, dense, weights[dense + ".weight"].T)
    bias = graph.keep(dense + ".bias", weights[dense + ".bias"])
    summed = graph.plus(graph.plus(product, bias, dense + ".biased"), residual, dense + ".summed")
    inputs = [summed, *_norm(graph, weights, part)]
    return graph.add("LayerNormalization", inputs, part + "normed", domain="", epsilon=_EPSILON)


def _norm(graph: _Graph, weights: Mapping[str, npt.NDArray[Any]], part: str) -> list[str]:
    names = [f"{part}LayerNorm.{kind}" for kind in ("weight", "bias")]
    return [graph.keep(name, weights[name]) for name in names]


def _placeholder(name: str, array: npt.NDArray[Any]) -> Any:
    """An initializer whose values are handed over when the model is loaded."""
    from onnx import TensorProto, helper

    return TensorProto(
        name=name,
        dims=array.shape,
        data_type=helper.np_dtype_to_tensor_dtype(array.dtype),
        data_location=TensorProto.EXTERNAL,
        external_data=[{"key": "location", "value": "memory"}],
    )
