// Element-wise nodes that follow a node and run on its finished rows.
#pragma once

namespace narrowcast::exec {

struct Chain {};

}  // namespace narrowcast::exec
