// Calibration data that the engine reads: pictures, and tensors in ONNX's own form.
#pragma once

#include <memory>

#include "ir/payload.h"
#include "job/task.h"

namespace narrowcast {

// `files[0]` is what is read; a task that is done at once, with one output of the type and shape that outputs() says.
// request, one of
//   {"kind": "image", "picture": [height, width], "pixel_channels": 4, "preset": its name, "channels": 3,
//    "layout": "nchw", "size": [height, width]} and, over what the preset says, "fit", "interpolation", "color" ("rgb",
//    "bgr"), "mean", "std", "resize": [height, width] or the shorter side; a size of 0 is open. The file holds pixels,
//    as data::prepare_image() takes them. The output is float32 and has no axis of samples.
//   {"kind": "onnx_tensor"}: a TensorProto, as ONNX's test_data_set files hold; the output has its name.
// Errors: usage; malformed, unsupported, when a tensor cannot be read.
Result<std::unique_ptr<Task>> read_data(const Files& files, std::string_view request);

}  // namespace narrowcast
