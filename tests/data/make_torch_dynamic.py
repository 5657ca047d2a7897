"""What PyTorch's quantize_dynamic makes of three Linear layers, for tests/node/torch-dynamic.test.mjs to compare with.

    pip install torch==2.15.0 onnx==1.23.2 && python3 tests/data/make_torch_dynamic.py

Writes torch-dynamic/layers.onnx, the layers as Gemm and MatMul with weights named as torch names them, and
torch-dynamic/expected.json: scale, zero point and SHA-256 of the int8 codes, stored [inputs, outputs] as MatMulInteger
takes them, of those that quantize_dynamic(model, {Linear}) and quantize_dynamic(model, {"encoder.0"}) narrow.
"""
import hashlib
import json
import pathlib

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

here = pathlib.Path(__file__).parent / "torch-dynamic"


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.ModuleList([nn.Linear(48, 64), nn.Linear(64, 32)])
        self.head = nn.Linear(32, 10)

    def forward(self, x):
        for layer in self.encoder:
            x = torch.relu(layer(x))
        return self.head(x)


def expectation(model, which):
    made = torch.ao.quantization.quantize_dynamic(model, which, dtype=torch.qint8)
    found = {}
    for name, layer in made.named_modules():
        if not isinstance(layer, torch.ao.nn.quantized.dynamic.Linear):
            continue
        weight = layer.weight()
        codes = weight.int_repr().numpy().T.copy()
        found[f"{name}.weight"] = {"scale": float(np.float32(weight.q_scale())), "zero_point": weight.q_zero_point(), "codes": hashlib.sha256(codes.tobytes()).hexdigest()}
    return found


def save(model, path):
    """Gemm for the first two layers, MatMul and Add for the last: both forms that exporters write."""
    constants = [numpy_helper.from_array(p.detach().numpy(), n) for n, p in model.named_parameters() if n != "head.weight"]
    constants.append(numpy_helper.from_array(model.head.weight.detach().numpy().T.copy(), "head.weight"))
    nodes = []
    x = "x"
    for i in range(2):
        nodes.append(helper.make_node("Gemm", [x, f"encoder.{i}.weight", f"encoder.{i}.bias"], [f"g{i}"], name=f"/encoder.{i}/Gemm", transB=1))
        nodes.append(helper.make_node("Relu", [f"g{i}"], [f"r{i}"], name=f"/Relu_{i}"))
        x = f"r{i}"
    nodes.append(helper.make_node("MatMul", [x, "head.weight"], ["product"], name="/head/MatMul"))
    nodes.append(helper.make_node("Add", ["product", "head.bias"], ["y"], name="/head/Add"))
    info = lambda name, width: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", width])
    graph = helper.make_graph(nodes, "layers", [info("x", 48)], [info("y", 10)], constants)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="narrowcast tests"), path)


torch.manual_seed(20251201)
model = Model().eval()
with torch.no_grad():
    for i, layer in enumerate([*model.encoder, model.head]):
        # Ends that differ, and values half way between two codes.
        limit = layer.weight.abs().max()
        layer.weight[0, 0] = -limit * (1 + i)
        step = float(limit * (1 + i)) / 127.5
        layer.weight[1, :16] = torch.arange(16) * step - 7.5 * step
here.mkdir(exist_ok=True)
save(model, here / "layers.onnx")
expected = {"Linear": expectation(model, {nn.Linear}), "encoder.0": expectation(model, {"encoder.0"})}
(here / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
