"""ONNX Runtime's own quantizer, for bench/peers.mjs: one run, measured from inside.

    python3 onnxruntime_quantizer.py model.onnx samples.npz method output.onnx

samples.npz holds one array per sample and input, named "<number>/<input>". Prints JSON: seconds from the first look at
the model to the written file, and the kilobytes that the process grew by, at most, above what it held once the model
had been loaded into a session.
"""
import json
import resource
import sys
import time

import numpy as np
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static

model, samples_path, method, output = sys.argv[1:5]
METHODS = {"min-max": CalibrationMethod.MinMax, "percentile": CalibrationMethod.Percentile, "entropy": CalibrationMethod.Entropy}

samples = {}
for key, value in np.load(samples_path).items():
    index, name = key.split("/", 1)
    samples.setdefault(int(index), {})[name] = value


class Samples(CalibrationDataReader):
    def __init__(self):
        self.feeds = iter(samples[i] for i in sorted(samples))

    def get_next(self):
        return next(self.feeds, None)


def peak_kb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


onnxruntime.set_default_logger_severity(3)
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
session.run(None, samples[0])
del session
before = peak_kb()
begin = time.monotonic()
quantize_static(
    model,
    output,
    Samples(),
    quant_format=QuantFormat.QDQ,
    activation_type=QuantType.QUInt8,
    weight_type=QuantType.QInt8,
    per_channel=True,
    calibrate_method=METHODS[method],
    extra_options={"ActivationSymmetric": False},
)
print(json.dumps({"seconds": time.monotonic() - begin, "peak_kb": peak_kb() - before, "version": onnxruntime.__version__}))
