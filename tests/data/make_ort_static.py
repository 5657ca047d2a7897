"""What onnxruntime's quantize_static makes of three models, for tests/node/ort-static.test.mjs to compare with.

    pip install onnx==1.23.2 onnxruntime==1.30.0 sympy && python3 tests/data/make_ort_static.py

Writes ort-static/{cnn,transformer,audio}.onnx, small models with weights of a fixed seed, and ort-static/expected.json: the ranges that its MinMax calibrater found on eight samples, and the scale, zero point and
SHA-256 of the codes of every tensor that it quantized. The settings are its own defaults, each written out; the
samples are those of the function `sample`, which the test repeats.
"""
import hashlib
import json
import pathlib
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.calibrate import create_calibrator

here = pathlib.Path(__file__).parent / "ort-static"
random = np.random.RandomState(20251201)


class Maker:
    """Nodes and constants of one graph, in the order in which they are added."""

    def __init__(self):
        self.nodes, self.constants = [], []

    def weight(self, name, *shape, scale=None):
        values = random.standard_normal(shape) * (scale or 1 / np.sqrt(shape[-1]))
        self.constants.append(numpy_helper.from_array(values.astype(np.float32), name))
        return name

    def numbers(self, name, values, dtype):
        self.constants.append(numpy_helper.from_array(np.array(values, dtype), name))
        return name

    def node(self, op, inputs, output, **attributes):
        self.nodes.append(helper.make_node(op, inputs, [output], name=f"node_{output}", **attributes))
        return output

    def conv(self, name, source, shape, **attributes):
        operands = [source, self.weight(f"{name}_w", *shape, scale=0.4), self.weight(f"{name}_b", shape[0], scale=0.1)]
        return self.node("Conv", operands, name, **attributes)

    def save(self, path, inputs, output):
        infos = [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in inputs.items()]
        out = helper.make_tensor_value_info(output, TensorProto.FLOAT, None)
        graph = helper.make_graph(self.nodes, path.stem, infos, [out], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="narrowcast tests")
        model = onnx.shape_inference.infer_shapes(model)
        onnx.checker.check_model(model)
        onnx.save(model, path)


def make_cnn(path, side=12):
    """A residual block, a branch that joins, a pooled answer."""
    m = Maker()
    x = m.node("Relu", [m.conv("stem", "image", (8, 3, 3, 3), pads=[1, 1, 1, 1])], "stem_out")
    y = m.node("Relu", [m.conv("left", x, (8, 8, 3, 3), pads=[1, 1, 1, 1])], "left_out")
    y = m.conv("right", y, (8, 8, 1, 1))
    x = m.node("Relu", [m.node("Add", [x, y], "residual")], "block")
    wide = m.node("Concat", [x, m.node("Relu", [m.conv("branch", x, (4, 8, 1, 1))], "branch_out")], "joined", axis=1)
    x = m.node("AveragePool", [wide], "averaged", kernel_shape=[2, 2], strides=[2, 2])
    x = m.node("MaxPool", [x], "largest", kernel_shape=[2, 2], strides=[2, 2])
    x = m.node("Flatten", [x], "flat")
    m.node("Gemm", [x, m.weight("out_w", 12 * (side // 4) ** 2, 10, scale=0.1), m.weight("out_b", 10, scale=0.1)], "logits")
    m.save(path, {"image": [1, 3, side, side]}, "logits")


def make_transformer(path, tokens=12, width=32, heads=4):
    """One encoder block: attention, the sum, a normalization, two products with a Relu between them."""
    m = Maker()
    each = width // heads

    def projected(name, source):
        flat = m.node("MatMul", [source, m.weight(f"{name}_w", width, width)], f"{name}_product")
        return m.node("Add", [m.weight(f"{name}_b", width, scale=0.1), flat], name)

    def split(name):
        shape = m.numbers(f"{name}_shape", [0, 0, heads, each], np.int64)
        cut = m.node("Reshape", [name, shape], f"{name}_cut")
        return m.node("Transpose", [cut], f"{name}_heads", perm=[0, 2, 1, 3])

    q, k, v = (split(projected(n, "x")) for n in "qkv")
    turned = m.node("Transpose", [k], "k_turned", perm=[0, 1, 3, 2])
    scores = m.node("MatMul", [q, turned], "scores")
    scaled = m.node("Mul", [scores, m.numbers("factor", each**-0.5, np.float32)], "scaled")
    weights = m.node("Softmax", [scaled], "attention", axis=-1)
    mixed = m.node("MatMul", [weights, v], "mixed")
    joined = m.node("Transpose", [mixed], "joined", perm=[0, 2, 1, 3])
    flat = m.node("Reshape", [joined, m.numbers("flat_shape", [0, 0, width], np.int64)], "flat")
    summed = m.node("Add", ["x", projected("o", flat)], "summed")
    m.node("LayerNormalization", [summed, m.weight("ln_scale", width), m.weight("ln_bias", width)], "normal", axis=-1)
    wide = m.node("MatMul", ["normal", m.weight("up_w", width, 2 * width)], "up_product")
    active = m.node("Relu", [m.node("Add", [wide, m.weight("up_b", 2 * width, scale=0.1)], "up")], "active")
    m.node("Add", [m.node("MatMul", [active, m.weight("down_w", 2 * width, width)], "down"), "normal"], "y")
    m.save(path, {"x": [1, tokens, width]}, "y")


def make_audio(path, samples=256, bands=16):
    """Filters over a waveform, two convolutions by depth and by point, a pooled answer."""
    m = Maker()
    x = m.node("Relu", [m.conv("filters", "wave", (bands, 1, 16), strides=[4], pads=[6, 6])], "bands")
    x = m.conv("depth", x, (bands, 1, 3), group=bands, pads=[1, 1])
    x = m.node("LeakyRelu", [x], "leaky", alpha=0.1)
    x = m.node("Clip", [m.conv("point", x, (2 * bands, bands, 1)), m.numbers("low", 0, np.float32), m.numbers("high", 6, np.float32)], "clipped")
    x = m.node("MaxPool", [x], "pooled", kernel_shape=[2], strides=[2])
    gate = m.node("Sigmoid", [m.conv("gate", x, (2 * bands, 2 * bands, 1))], "gate_open")
    x = m.node("Mul", [x, gate], "gated")
    x = m.node("Flatten", [m.node("GlobalAveragePool", [x], "mean")], "flat")
    x = m.node("Gemm", [x, m.weight("out_w", 8, 2 * bands), m.weight("out_b", 8, scale=0.1)], "logits", transB=1)
    m.node("Softmax", [x], "answer", axis=-1)
    m.save(path, {"wave": [1, 1, samples]}, "answer")


def sample(shape, index):
    """Whole numbers over 512, so that they are the same everywhere."""
    i = np.arange(int(np.prod(shape)), dtype=np.int64) + 7919 * index
    return ((((i * i + 13 * i) % 1021) - 510).astype(np.float32) / np.float32(512)).reshape(shape)


class Samples(CalibrationDataReader):
    def __init__(self, model, count=8):
        info = onnx.load(model).graph.input[0]
        shape = [d.dim_value or 1 for d in info.type.tensor_type.shape.dim]
        self.feeds = iter([{info.name: sample(shape, i)} for i in range(count)])

    def get_next(self):
        return next(self.feeds, None)


def find_ranges(model, scratch):
    calibrator = create_calibrator(model, augmented_model_path=str(scratch / "augmented.onnx"), calibrate_method=CalibrationMethod.MinMax)
    calibrator.set_execution_providers()
    calibrator.collect_data(Samples(model))
    found = calibrator.compute_data()
    return {name: [float(np.float32(np.ravel(r.range_value[0])[0])), float(np.float32(np.ravel(r.range_value[1])[0]))] for name, r in found.items()}


def read_quantized(path):
    """{tensor: {scale, zero_point, codes?}} of every pair, by the name that the tensor has in the float model."""
    graph = onnx.load(path).graph
    constants = {c.name: numpy_helper.to_array(c) for c in graph.initializer}
    found = {}
    for node in graph.node:
        if node.op_type not in ("QuantizeLinear", "DequantizeLinear"):
            continue
        source = node.input[0]
        if node.op_type == "DequantizeLinear" and source not in constants:
            continue
        name = source.removesuffix("_quantized").removesuffix("_QuantizeLinear_Input")
        scale, zero = constants[node.input[1]], constants[node.input[2]]
        entry = {"scale": scale.astype(np.float64).reshape(-1).tolist(), "zero_point": zero.astype(int).reshape(-1).tolist()}
        if source in constants:
            codes = constants[source]
            entry["dtype"] = str(codes.dtype)
            entry["codes"] = hashlib.sha256(codes.tobytes()).hexdigest()
        found.setdefault(name, entry)
    return found


def main(scratch):
    here.mkdir(exist_ok=True)
    make_cnn(here / "cnn.onnx")
    make_transformer(here / "transformer.onnx")
    make_audio(here / "audio.onnx")
    expected = {}
    for path in sorted(here.glob("*.onnx")):
        name = path.stem
        for per_channel in (False, True):
            out = scratch / f"{name}.onnx"
            quantize_static(path, out, Samples(path), quant_format=QuantFormat.QDQ, activation_type=QuantType.QInt8,
                            weight_type=QuantType.QInt8, per_channel=per_channel, reduce_range=False, calibrate_method=CalibrationMethod.MinMax)
            expected[f"{name}{' per channel' if per_channel else ''}"] = read_quantized(out)
        expected[f"{name} ranges"] = find_ranges(path, scratch)
    lines = [f"{json.dumps(key)}: {json.dumps(expected[key], sort_keys=True)}" for key in sorted(expected)]
    (here / "expected.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


with tempfile.TemporaryDirectory() as folder:
    main(pathlib.Path(folder))
