// One picture into what a model takes.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "data/preset.h"
#include "data/resize.h"

namespace narrowcast::data {

struct ImageOptions {
  // All but the sizes: fit, interpolation, divisor, mean, deviation, blue_first.
  ImagePreset preset;
  Size size;                   // that the model takes; 0: what it is resized to, as the preset says, or the picture's
  Size resize;                 // to be resized to just this, before the middle is cut out; 0: as the fit says
  int shorter_side = 0;        // to be resized in proportion, so that it covers a square of this side; 0: likewise
  int channels = 3;            // of the model: 1 (ITU-R 601 luma, as Pillow's convert('L')) or 3
  bool channels_last = false;  // NHWC instead of NCHW
};

struct PreparedImage {
  Size size;
  std::vector<float> values;  // size.height * size.width * channels, in the layout that was asked for
};

// pixels: rows of `pixel_channels` bytes each: 3 (red, green, blue) or 4 (and alpha, which is dropped, as Pillow's
// convert('RGB') does). Luma is (19595 R + 38470 G + 7471 B + 2^15) >> 16. Sizes, with whole-number division:
//   cover of H x W by h x w: {H, w H / h} when that is at least W wide, otherwise {h W / w, W}
//   letterbox: {h r, w r} with r = min(H / h, W / w), rounded half to even; half of the grey (114), rounded down, is
//   above and to the left
//   the middle begins at half of what is left over, rounded half to even (torchvision's center_crop)
// Errors: usage, when pixels are missing, a size is not from 1 to 32768, or the middle is larger than the picture.
Result<PreparedImage> prepare_image(ByteView pixels, Size size, int pixel_channels, const ImageOptions& options);

}  // namespace narrowcast::data
