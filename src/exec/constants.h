// Constants of a graph as tensors.
#pragma once

#include "exec/program.h"

namespace narrowcast::exec {

// Views of the files' bytes where they are aligned, copies elsewhere. Not present for kinds that do not run (strings,
// sparse tensors).
Result<ops::Tensor> load_constant(ops::Memory& memory, const Files& files, const Constant& constant);
// Gives a tensor whose bytes are somebody else's bytes of its own.
Status own_bytes(ops::Memory& memory, ops::Tensor& tensor);

}  // namespace narrowcast::exec
