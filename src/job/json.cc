#include "report/json.h"

#include "job/job.h"

namespace narrowcast {

std::string progress_json(const Progress& progress) {
  return dump({{"phase", progress.phase}, {"done", progress.done}, {"total", progress.total}, {"item", progress.item}});
}

std::string outputs_json(std::span<const OutputFile> outputs) {
  Json list = Json::array();
  for (const OutputFile& output : outputs) list.push_back({{"name", output.name}, {"size", output.rope.size()}});
  return dump(list);
}

std::string names_json(const std::vector<std::string>& names) { return dump(Json(names)); }

}  // namespace narrowcast
