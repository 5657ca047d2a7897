#include "report/json.h"

#include "job/job.h"

namespace narrowcast {

std::string names_json(const std::vector<std::string>& names) { return dump(Json(names)); }

}  // namespace narrowcast
