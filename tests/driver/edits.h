#pragma once

#include <string_view>

#include "ir/edit_log.h"

namespace narrowcast::testing {

// Makes one edit of the named kind somewhere in `scope`, through the log. False when the model has no place for it.
bool make_edit(EditLog& log, std::string_view kind, ScopeId scope);

}  // namespace narrowcast::testing
